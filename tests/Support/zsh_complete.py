#!/usr/bin/env python3
"""Types a line and Tab into an interactive zsh that has sourced a completion script, and says whether the line grew as expected.

usage: zsh_complete.py SCRIPT LINE EXPECTED-WORD
"""
import os
import pty
import select
import sys
import time

script, line, word = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb"
    os.execv("/usr/bin/zsh", ["zsh", "-f", "-i"])


def until(text):
    shown, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline and text not in shown:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536)
    return text in shown, shown


os.write(terminal, b"PS1=; autoload -U compinit; compinit -D -u; source %s; echo RE''ADY\n" % script.encode())
assert until(b"READY")[0], "zsh did not start"
os.write(terminal, line.encode() + b"\t")
begun = line.split(" ")[-1]
found, shown = until(word[len(begun):].encode())
sys.stdout.write("completed\n" if found else "not completed: %r\n" % shown)
os.close(terminal)
