"""From the text of a C program to a library that is loaded: which compiler, how it is called, what is kept.

A library is kept in the user's cache folder, named by the hash of everything it was made from and by the hash of its
own bytes. So one file, renamed into place, is all there is: whoever reads sees it whole or not at all, and a file that
was cut, changed, or put there by somebody else is made anew, never loaded. Where nothing can be kept, each process
compiles for itself. Microsoft's `cl` is not looked for; on Windows gcc, clang and the wheel serve.
"""

import ctypes
import functools
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import stat
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from autograd.installing import pip_install

_FORMAT = 1  # of what is kept: another number forgets all that was kept before
_KEPT = 500  # libraries
_DAY = 86400.0  # seconds; a build that old was killed
_SUFFIX = ".dll" if sys.platform == "win32" else ".so"
_SHOWN = 20  # lines of what a failing compiler says
_CALLED = (  # a compiler that knows these folds and rewrites them, pow(x, 2) into x * x: Python's bits come from calls
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp", "exp2"),
    *("expm1", "fmod", "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"),
    "tgamma",
)
_FLAGS = (
    *("-std=c99", "-shared", *(() if sys.platform == "win32" else ("-fPIC",))),
    *("-ffp-contract=off", "-fno-math-errno", *(f"-fno-builtin-{name}" for name in _CALLED)),
)
_VECTORS = ("-ftree-vectorize", "-fvect-cost-model")  # of loops too, where they are worth it
_NATIVE, _NATIVE_ZIG = "-march=native", "-mcpu=native"
# Left alone, zig compiles for this very processor, though a home folder may serve several, and checks unoptimized code.
_ZIG = ("-m", "ziglang", "cc", "-mcpu=baseline", "-fno-sanitize=undefined")


class NoCompiler(RuntimeError):  # noqa: N818 - it says what is missing
    """No C compiler was found; the message says how to get one."""


def compiler() -> str | None:
    """The command that `library` would call, None if there is none; quick, for nothing is started."""
    command = _command()
    return shlex.join(command) if command else None


def library(text: str, optimize: int = 2, native: bool = False) -> ctypes.CDLL:
    """The functions of a program in C99; compiled once, then found in the cache, also by other processes.

    Args:
        text: the program. What Python does not call should be `static`: only then do compilers inline it, and no
            name of another library can take its place.
        optimize: the compiler's level of optimization, 0 to 3; none of them changes a bit of a result.
        native: for this very processor, if the compiler can; other processors do not find it in the cache.

    Raises:
        NoCompiler: there is none.
        RuntimeError: the compiler fails; the end of what it said is in the message.
    """
    command = _command()
    if command is None:
        raise NoCompiler(_nothing_found())
    call = (*command, f"-O{optimize}", *_FLAGS)
    if native:
        with suppress(RuntimeError):  # a compiler that cannot; what else is wrong comes again
            return _loaded(text, (*call, *_VECTORS, _NATIVE_ZIG if command[1:] == _ZIG else _NATIVE), command)
    return _loaded(text, call, command)


def _loaded(text: str, call: tuple[str, ...], command: tuple[str, ...]) -> ctypes.CDLL:
    with suppress(OSError):  # read-only, full, not ours, or on a disk from which nothing may be run
        if folder := _folder():
            return _kept(text, call, _key(text, call, command), folder)
    return _unkept(text, call)


# --- Compilers --------------------------------------------------------------------------------------------------


def _command() -> tuple[str, ...] | None:
    """$CC where it is set, as build tools have it; else the system's compiler; else the wheel's."""
    if chosen := os.environ.get("CC", "").strip():
        return _chosen(chosen)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return (os.path.abspath(found),)
    return (sys.executable, *_ZIG) if sys.executable and importlib.util.find_spec("ziglang") else None


def _chosen(text: str) -> tuple[str, ...] | None:
    """A path, which may have spaces, or a command with its options."""
    words = [text]
    if not shutil.which(text):
        with suppress(ValueError):  # a quotation that does not end
            words = shlex.split(text, posix=os.name == "posix")
    found = shutil.which(words[0])
    return (os.path.abspath(found), *words[1:]) if found else None


def _nothing_found() -> str:
    chosen = os.environ.get("CC", "").strip()
    why = f"$CC is {chosen!r}, which is not there" if chosen else "neither cc, gcc nor clang is on the PATH"
    ways = f"Install one (apt install gcc, xcode-select --install …), or type: {pip_install('ziglang')}"
    return f"no C compiler was found: {why}. {ways}"


@functools.cache
def _version(command: tuple[str, ...]) -> str:
    """What tells this compiler from others, and from what it will be after an upgrade."""
    with TemporaryDirectory(prefix="scalar-autograd-", ignore_cleanup_errors=True) as place:
        said = _run((*command, "--version"), Path(place), Path(place))
    return f"{os.path.realpath(command[0])} {said.stdout}"


def _run(call: tuple[str, ...], place: Path, shared: Path) -> subprocess.CompletedProcess[str]:
    """The compiler run in the folder `place`; it leaves nothing elsewhere, but that zig keeps its own in `shared`."""
    folders = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "ZIG_LOCAL_CACHE_DIR"), str(place))
    zig = {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR") or str(shared / "zig")}
    try:
        process = subprocess.Popen(
            call,
            cwd=place,
            env=os.environ | folders | zig,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise RuntimeError(f"the C compiler cannot be started: {error}: {shlex.join(call)}") from error
    with process:
        try:
            out, err = process.communicate()
        except BaseException:  # Ctrl-C: whoever removes the folder must be the last to write there
            process.kill()
            process.wait()
            raise
    return subprocess.CompletedProcess(call, process.returncode, out, err)


def _compile(text: str, call: tuple[str, ...], place: Path, shared: Path) -> Path:
    """The library that the compiler makes in `place`, by names that say nothing of where that is."""
    (place / "program.c").write_text(text, encoding="utf-8", newline="\n")
    made = place / f"program{_SUFFIX}"
    call = (*call, "-o", made.name, "program.c", "-lm")
    done = _run(call, place, shared)
    if done.returncode or not made.is_file():
        said = "\n".join((done.stderr or done.stdout).splitlines()[-_SHOWN:])
        raise RuntimeError(f"the C compiler failed with status {done.returncode}: {shlex.join(call)}\n{said}")
    made.chmod(0o700)  # not writable by a group, whatever the umask
    return made


# --- What is kept -----------------------------------------------------------------------------------------------


def _folder() -> Path | None:
    """Where libraries are kept; None if they are not to be, or if there is no home."""
    named, general = os.environ.get("AUTOGRAD_CACHE"), os.environ.get("XDG_CACHE_HOME", "")
    if named is not None:
        return Path(named).absolute() / "c" if named else None
    if not os.path.isabs(general):  # the specification has relative ones ignored
        general = os.path.expanduser(_cache_of_the_system())
    return Path(general) / "scalar-autograd" / "c" if os.path.isabs(general) else None


def _cache_of_the_system() -> str:
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    return "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"


def _key(text: str, call: tuple[str, ...], command: tuple[str, ...]) -> str:
    """The name of everything that a library is made from."""
    machine = sysconfig.get_platform(), sys.maxsize, _processor() if call[-1] in (_NATIVE, _NATIVE_ZIG) else ""
    return _hash(repr((_FORMAT, text, call, _version(command), *machine)).encode())


@functools.cache
def _processor() -> str:
    """What tells this processor from others that may read the same folder; else this machine."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        about = {line for line in lines if line.startswith(("flags", "Features", "model name", "CPU part"))}
        if about:
            return "\n".join(sorted(about))
    return f"{platform.processor()} {platform.node()}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]


def _kept(text: str, call: tuple[str, ...], key: str, folder: Path) -> ctypes.CDLL:
    """The library of that name from the folder, where it is put if it is not there.

    Raises:
        OSError: the folder cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _only_ours(folder.stat()):
        raise PermissionError(f"others may write in {folder}")
    for path in folder.glob(f"{key}-*{_SUFFIX}"):
        if _is_whole(path):
            with suppress(OSError):
                os.utime(path)  # what is used stays
            return ctypes.CDLL(str(path))
    with TemporaryDirectory(prefix="build-", dir=folder, ignore_cleanup_errors=True) as place:
        made = _compile(text, call, Path(place), folder)
        path = folder / f"{key}-{_hash(made.read_bytes())}{_SUFFIX}"
        os.replace(made, path)
    _forget(folder)
    return ctypes.CDLL(str(path))


@functools.cache
def _unkept(text: str, call: tuple[str, ...]) -> ctypes.CDLL:
    """The library from a private folder, which goes at once: a file that is loaded needs no name (but on Windows)."""
    with TemporaryDirectory(prefix="scalar-autograd-", ignore_cleanup_errors=True) as place:
        made = _compile(text, call, Path(place), Path(place))
        try:
            return ctypes.CDLL(str(made))
        except OSError as error:
            raise RuntimeError(f"what {shlex.join(call)} made cannot be loaded: {error}") from error


def _is_whole(path: Path) -> bool:
    """Whether a kept file has the bytes that its name says, and nobody else could have put them there."""
    try:
        status = path.lstat()
        usual = stat.S_ISREG(status.st_mode) and _only_ours(status)
        return usual and path.stem.endswith(f"-{_hash(path.read_bytes())}")
    except OSError:  # another process has just removed it, or we may not read it
        return False


def _only_ours(status: os.stat_result) -> bool:
    return os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _forget(folder: Path) -> None:
    """Removes the libraries that were not used for longest, where there are too many, and what killed builds left."""
    libraries = sorted(folder.glob(f"*{_SUFFIX}"), key=_last_used)
    for path in libraries[:-_KEPT]:
        with suppress(OSError):
            path.unlink()
    for path in folder.glob("build-*"):
        if _last_used(path) < time.time() - _DAY:
            shutil.rmtree(path, ignore_errors=True)


def _last_used(path: Path) -> float:
    """In seconds; now, if another process has just removed it."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return time.time()
