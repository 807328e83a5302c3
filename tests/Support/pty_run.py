#!/usr/bin/env python3
"""Runs a program on a pseudo terminal and answers its prompts.

usage: pty_run.py ANSWERS-FILE COLUMNS PROGRAM ARGUMENT...
ANSWERS-FILE holds a JSON list of [prompt, answer]: when the prompt has appeared, the answer and Enter are typed; the answer
"^C" is typed as Ctrl-C. Prints everything the terminal showed, then a last line "exit N".
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

answers = json.load(open(sys.argv[1]))
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[2]), 0, 0))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run started in the background has it ignored, which children inherit
    os.execv(sys.argv[3], sys.argv[3:])

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
    visible = re.sub(rb"\x1b(\[[0-9;?]*[A-Za-z]|[=>])", b"", shown)
    if answers and answers[0][0].encode() in visible[seen:]:
        seen = len(visible)
        time.sleep(0.05)  # the program turns the echo off before it prompts; be no faster than a person
        os.write(terminal, b"\x03" if answers[0][1] == "^C" else answers[0][1].encode() + b"\n")
        answers.pop(0)

else:
    os.kill(pid, signal.SIGKILL)

_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.stdout.write(shown.decode("utf-8", "replace").replace("\r\n", "\n"))
sys.stdout.write("\nexit %d\n" % (code if code >= 0 else 128 - code))
