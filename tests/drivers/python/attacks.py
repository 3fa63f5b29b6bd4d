"""Ways out of a sandbox that are known, as programs that print ESCAPED when they got out.

@NAME@ stands for something of the test's own outside the sandbox: a file, a folder, a process, a port. Those with `real`
are run without a sandbox as well, and must get out there: else they would prove nothing.
"""
# ruff: noqa: E501 - each program is one line of a table

import os
from dataclasses import dataclass

AS_ROOT = os.geteuid() == 0  # some get out only there

PRELUDE = """
import ctypes, os, platform, resource, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
ARM = platform.machine() == 'aarch64'
def escaped(what=''): print('ESCAPED', what, flush=True)
"""


@dataclass(frozen=True)
class Attack:
    name: str
    code: str
    real: bool = True


FILES = [
    Attack("read a file", "escaped(open('@SECRET@').read())"),
    Attack("read a file through a link", "os.symlink('@SECRET@', '@LINK@')\nescaped(open('@LINK@').read())"),
    Attack(
        "read a file through a link to its folder",
        "os.symlink('@OUTSIDE@', '@LINK@')\nescaped(open('@LINK@/secret').read())",
    ),
    Attack("read a file from the root down", "escaped(open('../' * 20 + '@SECRET@'[1:]).read())"),
    Attack(
        "read a file by a handle of its folder",
        "at = os.open('@OUTSIDE@', os.O_PATH)\nescaped(os.read(os.open('secret', os.O_RDONLY, dir_fd=at), 99))",
    ),
    Attack("read a file by another root", "escaped(open('/proc/self/root@SECRET@').read())"),
    Attack("read a file by the root of the first process", "escaped(open('/proc/1/root@SECRET@').read())", real=False),
    Attack("read a file by ctypes", "fd = libc.open(b'@SECRET@', 0)\nif fd >= 0: escaped()"),
    Attack(
        "read a file by a shell",
        "if b'key' in __import__('subprocess').run(['cat', '@SECRET@'], capture_output=True).stdout: escaped()",
    ),
    Attack("give a file a name in the folder", "os.link('@SECRET@', '@LINK@')\nescaped(open('@LINK@').read())"),
    Attack("move a file into the folder", "os.rename('@SECRET@', '@LINK@')\nescaped()"),
    Attack("list a folder", "escaped(os.listdir('@OUTSIDE@'))"),
    Attack("list the home", "escaped(os.listdir('@HOME@'))"),
    Attack("write a file beside", "open('@OUTSIDE@/mine', 'w').write('x')\nescaped()"),
    Attack("write through a link", "os.symlink('@OUTSIDE@/mine', '@LINK@')\nopen('@LINK@', 'w').write('x')\nescaped()"),
    Attack("append to a file", "open('@SECRET@', 'a').write('x')\nescaped()"),
    Attack("cut a file off", "os.truncate('@SECRET@', 0)\nescaped()"),
    Attack("cut a file off by opening it", "os.open('@SECRET@', os.O_RDONLY | os.O_TRUNC)\nescaped()"),
    Attack("delete a file", "os.unlink('@SECRET@')\nescaped()"),
    Attack("delete a folder", "os.rmdir('@OUTSIDE@/empty')\nescaped()"),
    Attack("make a folder", "os.mkdir('@OUTSIDE@/mine')\nescaped()"),
    Attack("make a link outside", "os.symlink('/etc', '@OUTSIDE@/mine')\nescaped()"),
    Attack("make a pipe outside", "os.mkfifo('@OUTSIDE@/mine')\nescaped()"),
    Attack(
        "open a file to all", "os.chmod('@SECRET@', 0o777)\nif os.stat('@SECRET@').st_mode & 0o777 == 0o777: escaped()"
    ),
    Attack("close a file to all", "fd = os.open('@SECRET@', os.O_RDONLY)\nos.fchmod(fd, 0)\nescaped()"),
    Attack("give a file away", "os.chown('@SECRET@', 12345, 12345)\nescaped()", real=AS_ROOT),
    Attack(
        "change the time of a file", "os.utime('@SECRET@', (5, 5))\nif os.stat('@SECRET@').st_mtime == 5: escaped()"
    ),
    Attack("set an attribute of a file", "os.setxattr('@SECRET@', 'user.mine', b'x')\nescaped()"),
    Attack(
        "watch a folder", "fd = libc.inotify_init()\nif libc.inotify_add_watch(fd, b'@OUTSIDE@', 0xFFF) >= 0: escaped()"
    ),
    Attack("read the passwords", "escaped(open('/etc/shadow').read())", real=AS_ROOT),
    Attack("read the users", "escaped(open('/etc/passwd').read())"),
    Attack(
        "write to shared memory", "open('/dev/shm/@MARK@', 'w').write('x')\nos.unlink('/dev/shm/@MARK@')\nescaped()"
    ),
    Attack(
        "write to another temporary folder", "open('/tmp/@MARK@', 'w').write('x')\nos.unlink('/tmp/@MARK@')\nescaped()"
    ),
    Attack(
        "write a startup file of Python", "open(os.path.join('@PACKAGES@', '@MARK@.pth'), 'x')\nescaped()", real=False
    ),
    Attack(
        "write a startup module of Python",
        "open(os.path.join('@PACKAGES@', 'sitecustomize.py'), 'x')\nescaped()",
        real=False,
    ),
    Attack(
        "write a package that is there",
        "os.open(os.path.join('@PACKAGES@', 'numpy', '__init__.py'), os.O_WRONLY)\nescaped()",
    ),
    Attack(
        "write compiled code",
        "open(os.path.join('@PACKAGES@', 'numpy', '__pycache__', '@MARK@.pyc'), 'x')\nescaped()",
        real=False,
    ),
    Attack("write the driver's own code", "os.open('@DRIVER@/interpreter.py', os.O_WRONLY)\nescaped()"),
    Attack("read the driver's own code", "escaped(open('@DRIVER@/server.py').read())"),
    Attack("write a terminal", "os.open('/dev/pts/ptmx', os.O_RDWR)\nescaped()", real=False),
    Attack("read the memory of the machine", "escaped(os.open('/dev/mem', os.O_RDONLY))", real=False),
    Attack("read the kernel's messages", "escaped(os.open('/dev/kmsg', os.O_RDONLY))", real=False),
]

PROCESSES = [
    Attack("signal a process", "os.kill(@VICTIM@, 0)\nescaped()"),
    Attack("end a process", "os.kill(@VICTIM@, 9)\nescaped()"),
    Attack("end a group of processes", "os.killpg(os.getpgid(@VICTIM@), 9)\nescaped()"),
    Attack(
        "signal a process by its handle", "fd = os.pidfd_open(@VICTIM@)\nsignal.pidfd_send_signal(fd, 0)\nescaped()"
    ),
    Attack(
        "signal a thread of a process", "if libc.syscall(131 if ARM else 234, @VICTIM@, @VICTIM@, 0) == 0: escaped()"
    ),
    Attack(
        "signal with a value",
        "buffer = ctypes.create_string_buffer(struct.pack('iii', 0, 0, -1), 128)\nif libc.syscall(138 if ARM else 129, @VICTIM@, 0, buffer) == 0: escaped()",
    ),
    Attack("end the driver", "os.kill(@PARENT@, 15)\nescaped()"),
    Attack(
        "read the environment of a process", "if b'@HUSH@' in open('/proc/@VICTIM@/environ', 'rb').read(): escaped()"
    ),
    Attack("read the memory of a process", "open('/proc/@VICTIM@/mem', 'rb')\nescaped()", real=AS_ROOT),
    Attack("read the map of a process", "escaped(open('/proc/@VICTIM@/maps').read())", real=AS_ROOT),
    Attack("read the command of a process", "escaped(open('/proc/@VICTIM@/cmdline').read())"),
    Attack("read the files of a process", "escaped(os.listdir('/proc/@VICTIM@/fd'))"),
    Attack("list the processes", "escaped(os.listdir('/proc'))"),
    Attack("trace a process", "if libc.ptrace(16, @VICTIM@, 0, 0) == 0: escaped()", real=AS_ROOT),
    Attack("seize a process", "if libc.ptrace(0x4206, @VICTIM@, 0, 0) == 0: escaped()", real=AS_ROOT),
    Attack(
        "take a file of a process",
        "fd = os.pidfd_open(@VICTIM@)\nif libc.syscall(438, fd, 0, 0) >= 0: escaped()",
        real=AS_ROOT,
    ),
    Attack("limit another process", "resource.prlimit(@VICTIM@, resource.RLIMIT_NOFILE, (3, 3))\nescaped()"),
    Attack("slow another process down", "os.setpriority(os.PRIO_PROCESS, @VICTIM@, 19)\nescaped()"),
    Attack("slow all processes of the user down", "os.setpriority(os.PRIO_USER, 0, 1)\nescaped()", real=False),
    Attack("move another process to a processor", "os.sched_setaffinity(@VICTIM@, {0})\nescaped()"),
    Attack("idle another process", "os.sched_setscheduler(@VICTIM@, os.SCHED_IDLE, os.sched_param(0))\nescaped()"),
    Attack(
        "leave the session",
        "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    os._exit(7)\nif os.waitpid(pid, 0)[1] == 7 << 8: escaped()",
    ),
    Attack(
        "leave the process group",
        "pid = os.fork()\nif pid == 0:\n    os.setpgid(0, 0)\n    os._exit(7)\nif os.waitpid(pid, 0)[1] == 7 << 8: escaped()",
    ),
    Attack("find a secret in the environment", "if '@HUSH@' in str(os.environ): escaped()"),
    Attack(
        "find a secret in one's own old environment",
        "if b'@HUSH@' in open('/proc/self/environ', 'rb').read(): escaped()",
    ),
]

NETWORK = [
    Attack("connect", "socket.create_connection(('127.0.0.1', @PORT@), 2)\nescaped()"),
    Attack(
        "connect by a shell",
        "if os.system('bash -c \"echo > /dev/tcp/127.0.0.1/@PORT@\" 2> /dev/null') == 0: escaped()",
    ),
    Attack(
        "send a datagram",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', @PORT@))\nescaped()",
    ),
    Attack("connect by IPv6", "socket.socket(socket.AF_INET6)\nescaped()"),
    Attack("listen", "server = socket.create_server(('127.0.0.1', 0))\nescaped()"),
    Attack("connect to a local socket", "s = socket.socket(socket.AF_UNIX)\ns.connect('@SOCKET@')\nescaped()"),
    Attack("connect to an abstract socket", "s = socket.socket(socket.AF_UNIX)\ns.connect('\\0@MARK@')\nescaped()"),
    Attack(
        "send to a local socket over one of a pair",
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.sendto(b'x', '@DATAGRAMS@')\nescaped()",
    ),
    Attack(
        "connect one of a pair elsewhere",
        "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.connect('@DATAGRAMS@')\na.send(b'x')\nescaped()",
    ),
    Attack("send an open file", "a, b = socket.socketpair()\nsocket.send_fds(a, [b'x'], [0])\nescaped()"),
    Attack("ask the kernel about its network", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\nescaped()"),
    Attack("send raw packets", "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nescaped()", real=False),
    Attack("resolve a name", "socket.getaddrinfo('example.org', 80)\nescaped()", real=False),
]

LANGUAGE = [
    Attack(
        "walk to a class that starts programs",
        "found = [c for c in ().__class__.__bases__[0].__subclasses__() if c.__name__ == '_wrap_close'][0]\n"
        "if 'key' in found.__init__.__globals__['popen']('cat @SECRET@').read(): escaped()",
    ),
    Attack(
        "climb the frames",
        "frame = sys._getframe()\nwhile frame:\n    if '@HUSH@' in str(frame.f_globals): escaped()\n    frame = frame.f_back",
        real=False,
    ),
    Attack(
        "climb a traceback",
        "try: 1 / 0\nexcept ZeroDivisionError as error:\n    frame = error.__traceback__.tb_frame\n"
        "    frame.f_builtins['open']('@SECRET@')\n    escaped()",
    ),
    Attack("load a library of one's own", "import _posixsubprocess, mmap\nopen('@OUTSIDE@/x', 'w')\nescaped()"),
    Attack(
        "run machine code that makes a 32-bit call",
        "import mmap\nif ARM: raise SystemExit\npage = mmap.mmap(-1, 4096, prot=7)\n"
        "page.write(bytes.fromhex('b814000000cd80c3'))\n"  # getpid by int 0x80
        "call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))\n"
        "pid = os.fork()\nif pid == 0:\n    os._exit(0 if call() > 0 else 1)\n"
        "if os.waitpid(pid, 0)[1] == 0: escaped()",
        real=False,
    ),
    Attack("become another user", "os.setuid(12345)\nescaped()", real=AS_ROOT),
    Attack(
        "keep a capability",
        "header, data = ctypes.create_string_buffer(struct.pack('Ii', 0x20080522, 0)), ctypes.create_string_buffer(24)\nlibc.capget(header, data)\nif any(struct.unpack('6I', data)[:2]): escaped()",
        real=AS_ROOT,
    ),
    Attack("gain privileges by a program", "if libc.prctl(39, 0, 0, 0, 0) != 1: escaped()"),
]

ATTACKS = [*FILES, *PROCESSES, *NETWORK, *LANGUAGE]

# calls of the kernel that no program of a session needs: their numbers on x86_64 and aarch64, and arguments
INTERFACES = {
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "userfaultfd": (323, 282, (1,)),
    "io_uring_setup": (425, 425, (1, 0)),
    "add_key": (248, 217, (0, 0, 0, 0, -3)),
    "request_key": (249, 218, (0, 0, 0, 0)),
    "keyctl": (250, 219, (0, -3, 0)),
    "ptrace": (101, 117, (0, 0, 0, 0)),
    "process_vm_readv": (310, 270, (1, 0, 0, 0, 0, 0)),
    "process_vm_writev": (311, 271, (1, 0, 0, 0, 0, 0)),
    "kcmp": (312, 272, (1, 1, 0, 0, 0)),
    "pidfd_getfd": (438, 438, (0, 0, 0)),
    "unshare": (272, 97, (0x10000000,)),
    "setns": (308, 268, (0, 0)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "umount2": (166, 39, (0, 0)),
    "pivot_root": (155, 41, (0, 0)),
    "open_tree": (428, 428, (-1, 0, 0x80001)),
    "fsopen": (430, 430, (0, 0)),
    "move_mount": (429, 429, (-1, 0, -1, 0, 0)),
    "init_module": (175, 105, (0, 0, 0)),
    "finit_module": (313, 273, (-1, 0, 0)),
    "delete_module": (176, 106, (0, 0)),
    "kexec_load": (246, 104, (0, 0, 0, 0)),
    "reboot": (169, 142, (0, 0, 0, 0)),
    "swapon": (167, 224, (0, 0)),
    "open_by_handle_at": (304, 265, (-1, 0, 0)),
    "name_to_handle_at": (303, 264, (-1, 0, 0, 0, 0)),
    "memfd_create": (319, 279, (0, 0)),
    "memfd_secret": (447, 447, (0,)),
    "shmget": (29, 194, (0, 4096, 0o1600)),
    "semget": (64, 190, (0, 1, 0o1600)),
    "msgget": (68, 186, (0, 0o1600)),
    "mq_open": (240, 180, (0, 0, 0, 0)),
    "fanotify_init": (300, 262, (0, 0)),
    "personality": (135, 92, (0x0040000,)),
    "sethostname": (170, 161, (0, 0)),
    "newer than known": (480, 480, (0,)),
}
