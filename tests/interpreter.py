"""What stands as the interpreter in programs that have begun by tests/warm.py: theirs begin at once, too.

It is written into a folder, beside the socket of who has loaded the code and a link to the interpreter itself, and runs
with nothing of ours imported. What is asked of it is one more birth, with the same files; it ends as the child ends,
and who kills it kills the child. What is not `-m MODULE` the interpreter itself does.
"""

import json
import os
import socket
import sys

LINE, ITSELF = "line", "python"


def main() -> None:
    folder, (flag, *words) = os.path.dirname(sys.argv[0]), sys.argv[1:] or [""]
    if flag != "-m":
        itself = os.path.join(folder, ITSELF)
        os.execv(itself, [itself, *sys.argv[1:]])
    inherited = [fd for fd in map(int, os.listdir("/proc/self/fd")) if _is_inherited(fd)]
    asked = {"module": words[0], "words": words[1:], "env": dict(os.environ), "cwd": os.getcwd(), "files": inherited}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(os.path.join(folder, LINE))
        socket.send_fds(line, [json.dumps(asked).encode()], inherited)
        for fd in inherited:
            os.close(fd)
        line.recv(64)  # which process it is
        code = int(line.recv(64))
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_inherited(fd: int) -> bool:
    try:
        return os.get_inheritable(fd)
    except OSError:  # the folder's own, which is read no more
        return False


if __name__ == "__main__":
    main()
