"""Runs a program under a seccomp profile in the form that container runtimes read: PROFILE PROGRAM [ARGUMENT ...]."""

import ctypes
import json
import os
import sys

import seccomp

PR_SET_NO_NEW_PRIVS = 38
OPERATORS = {
    "SCMP_CMP_EQ": seccomp.EQ,
    "SCMP_CMP_LT": seccomp.LT,
    "SCMP_CMP_GT": seccomp.GT,
    "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ,
}


def to_argument(given):
    values = [given[name] for name in ("value", "valueTwo") if name in given]
    return seccomp.Arg(given["index"], OPERATORS[given["op"]], *values)


profile_path, *command = sys.argv[1:]
with open(profile_path, encoding="utf-8") as file:
    profile = json.load(file)

known = seccomp.SyscallFilter(defaction=seccomp.ERRNO(profile["defaultErrnoRet"]))
for rule in profile["syscalls"]:
    action = seccomp.ERRNO(rule["errnoRet"]) if rule["action"] == "SCMP_ACT_ERRNO" else seccomp.ALLOW
    arguments = [to_argument(given) for given in rule.get("args", [])]
    for name in rule["names"]:
        try:
            known.add_rule(action, name, *arguments)
        except RuntimeError:
            # A call of a newer kernel than this library knows, or of another processor.
            continue

ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
known.load()
os.execvp(command[0], command)
