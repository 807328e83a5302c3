#!/usr/bin/env python3
"""Runs a program on a pseudo terminal and answers its prompts.

usage: pty_run.py ANSWERS-FILE PROGRAM ARGUMENT...
ANSWERS-FILE holds a JSON list of [prompt, answer]: when the prompt has appeared, the answer and Enter are typed; the answer
"^C" is typed as Ctrl-C. Prints everything the terminal showed, then a last line "exit N".
"""
import json
import os
import pty
import select
import signal
import sys
import time

answers = json.load(open(sys.argv[1]))
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run started in the background has it ignored, which children inherit
    os.execv(sys.argv[2], sys.argv[2:])

shown, seen, deadline = b"", 0, time.monotonic() + 60
while time.monotonic() < deadline:
    readable, _, _ = select.select([terminal], [], [], 0.2)
    if readable:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    if answers and answers[0][0].encode() in shown[seen:]:
        seen = len(shown)
        time.sleep(0.05)  # the program turns the echo off before it prompts; be no faster than a person
        os.write(terminal, b"\x03" if answers[0][1] == "^C" else answers[0][1].encode() + b"\n")
        answers.pop(0)

_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.stdout.write(shown.decode("utf-8", "replace").replace("\r\n", "\n"))
sys.stdout.write("\nexit %d\n" % (code if code >= 0 else 128 - code))
