"""The C toolchain: a text becomes a loaded library, with Python's own bits, once, and nothing untrusted is loaded."""

import ast
import functools
import importlib.util
import itertools
import math
import os
import random
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ctypes import CDLL, c_double, c_long
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from autograd.compiler import toolchain
from autograd.compiler.toolchain import NoCompiler, compiler, library

ROOT = Path(__file__).parents[2]
SYSTEM = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
ZIG = importlib.util.find_spec("ziglang") is not None
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the compilers of these tests are shell scripts"),
    pytest.mark.skipif(not SYSTEM, reason="no C compiler is on the PATH"),
]


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the user's is read or written, temporary files neither."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("AUTOGRAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("CC", raising=False)
    toolchain._unkept.cache_clear()


def constant(number: float) -> str:
    return f"double f(void) {{ return {number!r}; }}\n"


def value(loaded: CDLL) -> float:
    loaded.f.restype = c_double
    return loaded.f()


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "c").glob("*.so"))


def left_over(tmp_path: Path) -> list[Path]:
    """Whatever is in the folders and is no library."""
    inside = [*(tmp_path / "temporary").iterdir(), *(tmp_path / "cache" / "c").glob("*")]
    return [path for path in inside if path.suffix != ".so" and path.name != "zig"]


class Counted(NamedTuple):
    """A compiler that notes when it is called."""

    path: Path
    log: Path

    def compilations(self) -> int:
        return self.log.read_text().count("-shared") if self.log.exists() else 0

    def questions(self) -> int:
        return self.log.read_text().count("--version") if self.log.exists() else 0


def script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Counted:
    log = tmp_path / "calls"
    path = script(tmp_path / "bin" / "counted", f'echo "$*" >> "{log}"', f'exec "{SYSTEM}" "$@"')
    monkeypatch.setenv("CC", str(path))
    return Counted(path, log)


# --- Numbers ----------------------------------------------------------------------------------------------------

FORMULAS: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "not contracted": ("a * b + a", lambda a, b: a * b + a),
    "difference of products": ("a * a - b * b", lambda a, b: a * a - b * b),
    "not reassociated": ("(a + 1e16) - 1e16 + b", lambda a, b: (a + 1e16) - 1e16 + b),
    "not by a reciprocal": ("a / 3.0 + b / 10.0", lambda a, b: a / 3.0 + b / 10.0),
    "signed zeros": ("0.0 * a - 0.0", lambda a, b: 0.0 * a - 0.0),
    "infinity and nan": ("(a * 1e308) * 10.0 - (a * 1e308) * 10.0", lambda a, b: (a * 1e308) * 10.0 - (a * 1e308) * 10),
    "subnormal": ("a * 1e-310", lambda a, b: a * 1e-310),
    "square root": ("sqrt(fabs(a))", lambda a, b: math.sqrt(abs(a))),
    "exp": ("exp(a) + b", lambda a, b: math.exp(a) + b),
    "sin and cos": ("sin(a) * cos(a)", lambda a, b: math.sin(a) * math.cos(a)),
    "tanh": ("tanh(a) - tanh(b)", lambda a, b: math.tanh(a) - math.tanh(b)),
    "log of exp": ("log(exp(a))", lambda a, b: math.log(math.exp(a))),
    "square": ("pow(a, 2.0)", lambda a, b: math.pow(a, 2.0)),
    "reciprocal": ("pow(a + 6.0, -1.0)", lambda a, b: math.pow(a + 6.0, -1.0)),
    "root": ("pow(fabs(a), 0.5)", lambda a, b: math.pow(abs(a), 0.5)),
    "power of two": ("pow(2.0, a)", lambda a, b: math.pow(2.0, a)),
    "power of ten": ("pow(10.0, a)", lambda a, b: math.pow(10.0, a)),
}
CONSTANTS: dict[str, Callable[[float], float]] = {
    name: getattr(math, name)
    for name in (
        *("asinh", "atan", "cbrt", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1"),
        *("log", "log10", "log1p", "log2", "sin", "sinh", "tan", "tanh"),
    )
}
"""Called with constants, which compilers would work out by arithmetic of their own."""
POINTS = [0.1 + k / 7 for k in range(40)]


def text_of_formulas() -> str:
    """f0, f1, … from n pairs to n numbers, and all constants at once."""
    loops = "".join(
        f"void f{k}(long n, const double *x, double *y) {{ for (long i = 0; i < n; i++) "
        f"{{ const double a = x[2 * i], b = x[2 * i + 1]; y[i] = {formula}; (void)b; }} }}\n"
        for k, (formula, _) in enumerate(FORMULAS.values())
    )
    calls = [f"{name}({x!r})" for name in CONSTANTS for x in POINTS]
    every = "\n".join(f"y[{k}] = {text};" for k, text in enumerate(calls))
    return f"#include <math.h>\n{loops}void constants(double *y) {{\n{every}\n}}\n"


def settings() -> list[Any]:
    """The system's compiler and the wheel's, and both for this very processor, which may have fused operations."""
    wheel = pytest.mark.skipif(not ZIG, reason="ziglang is not installed")
    native = f"{SYSTEM} -march=native"
    usual = [(f"{SYSTEM}", 0), (f"{SYSTEM}", 2), (native, 2), (native, 3)]
    wheels = f"{shlex.quote(sys.executable)} -m ziglang cc"  # without more it is for this processor
    others = [("", 0, "wheel-0"), ("", 2, "wheel-2"), (wheels, 2, "wheel-native-2")]
    return [*usual, *(pytest.param(command, level, id=name, marks=wheel) for command, level, name in others)]


@functools.cache
def pairs() -> list[tuple[float, float]]:
    draw = random.Random(7)
    return list(itertools.pairwise([0.0, -0.0, 1.0, -2.5, 1e-9, *(draw.uniform(-5, 5) for _ in range(3000))]))


@functools.cache
def wanted() -> list[list[bytes]]:
    """What Python makes of the pairs by each formula, and of the constants."""
    rows = [bits([formula(a, b) for a, b in pairs()]) for _, formula in FORMULAS.values()]
    return [*rows, bits([f(x) for f in CONSTANTS.values() for x in POINTS])]


def bits(numbers: Iterable[float]) -> list[bytes]:
    """All nans are one: IEEE leaves their payload open."""
    return [b"nan" if math.isnan(number) else struct.pack("<d", number) for number in numbers]


@pytest.mark.parametrize(("command", "optimize"), settings())
def test_c_has_the_bits_of_python(
    command: str, optimize: int, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """Every compiler at every level computes each double as Python does: by IEEE, as written, with the same libm."""
    monkeypatch.setenv("CC", command)
    if not command:
        monkeypatch.setenv("PATH", "")
    if (cache := getattr(pytestconfig, "cache", None)) and "ziglang" in (compiler() or ""):
        monkeypatch.setenv("ZIG_GLOBAL_CACHE_DIR", str(cache.mkdir("zig")))  # zig needs six seconds for the first time
    loaded = library(text_of_formulas(), optimize)
    flat = (c_double * (2 * len(pairs())))(*itertools.chain(*pairs()))
    for k, name in enumerate(FORMULAS):
        found = (c_double * len(pairs()))()
        getattr(loaded, f"f{k}")(c_long(len(pairs())), flat, found)
        assert bits(found) == wanted()[k], name
    found = (c_double * (len(CONSTANTS) * len(POINTS)))()
    loaded.constants(found)
    assert bits(found) == wanted()[-1]


def test_loading_leaves_the_arithmetic_of_python_alone() -> None:
    """Subnormal numbers are numbers, before and after: no library sets the processor's mode."""
    library(constant(1.0))
    assert float("1e-310") * 0.5 == 5e-311 > 0


# --- The cache --------------------------------------------------------------------------------------------------


def test_a_text_is_compiled_once(counted: Counted, tmp_path: Path) -> None:
    """The same text, level and compiler: one compilation, and one question for its version in a process."""
    assert [value(library(constant(1.5))) for _ in range(3)] == [1.5] * 3
    assert (counted.compilations(), counted.questions(), len(kept(tmp_path))) == (1, 1, 1)
    assert left_over(tmp_path) == []


def test_what_a_library_depends_on_makes_another(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text, level, options, the compiler's version and the format each tell one library from another."""
    library(constant(1.5))
    changes: list[Callable[[], Any]] = [
        lambda: None,
        lambda: monkeypatch.setenv("CC", f"'{counted.path}' -DOTHER"),
        lambda: monkeypatch.setattr(toolchain, "_version", lambda command: "upgraded"),
        lambda: monkeypatch.setattr(toolchain, "_FORMAT", -1),
        lambda: monkeypatch.setattr(sys, "maxsize", 2**31 - 1),
        lambda: monkeypatch.setattr(toolchain.sysconfig, "get_platform", lambda: "another"),
    ]
    for calls, change in enumerate(changes, start=1):
        change()
        assert value(library(constant(1.5))) == 1.5
        assert counted.compilations() == calls
    assert value(library(constant(2.5))) == 2.5
    library(constant(2.5), optimize=1)
    assert counted.compilations() == len(changes) + 2


def test_a_cut_or_changed_file_is_not_whole(tmp_path: Path) -> None:
    """A file that lacks bytes at its end, or has one bit wrong, is known."""
    library(constant(1.5))
    (path,) = kept(tmp_path)
    content, other = path.read_bytes(), tmp_path / path.name
    assert toolchain._is_whole(path)
    for size in range(0, len(content), 61):
        other.write_bytes(content[:size])
        assert not toolchain._is_whole(other)
    for place in range(0, len(content), 611):
        other.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert not toolchain._is_whole(other)


def kept_by_another(tmp_path: Path) -> Path:
    """The library of constant(1.5) from another process: loaders know again by name what they have loaded before."""
    code = f"from autograd.compiler.toolchain import library; library({constant(1.5)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    (path,) = kept(tmp_path)
    return path


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def foreign(path: Path) -> None:
    """Another good library, whose code would run as soon as it is loaded."""
    text = (
        'static void __attribute__((constructor)) run(void) { FILE *file = fopen("%s", "w"); if (file) fclose(file); }'
    )
    source = path.with_name("foreign.c")
    source.write_text("#include <stdio.h>\n" + text % (path.parents[2] / "ran") + "\ndouble f(void) { return 0; }\n")
    subprocess.run([f"{SYSTEM}", "-shared", "-fPIC", "-o", path, source], check=True)
    source.unlink()


def open_to_all(path: Path) -> None:
    path.chmod(0o777)


def open_to_a_group(path: Path) -> None:
    path.chmod(0o770)


def a_link(path: Path) -> None:
    path.rename(path.parents[2] / path.name)
    path.symlink_to(path.parents[2] / path.name)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def gone(path: Path) -> None:
    path.unlink()


DAMAGES = [cut, empty, lengthened, foreign, open_to_all, open_to_a_group, a_link, a_pipe, gone]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_is_not_trusted_is_made_anew(damage: Callable[[Path], None], counted: Counted, tmp_path: Path) -> None:
    """A kept file that is cut, changed, or may be another's is never loaded: it is compiled again, and then kept."""
    path = kept_by_another(tmp_path)
    damage(path)
    assert value(library(constant(1.5))) == 1.5
    assert counted.compilations() == 2
    assert not (tmp_path / "ran").exists()
    library(constant(1.5))
    assert counted.compilations() == 2
    assert toolchain._is_whole(path)
    assert left_over(tmp_path) == []


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give files away")
def test_what_another_owns_is_made_anew(counted: Counted, tmp_path: Path) -> None:
    """A file, or a folder, of another user is not trusted, whatever its bytes."""
    path = kept_by_another(tmp_path)
    os.chown(path, 12345, -1)
    assert value(library(constant(1.5))) == 1.5
    assert (counted.compilations(), path.stat().st_uid) == (2, 0)
    os.chown(path.parent, 12345, -1)
    assert value(library(constant(1.5))) == 1.5
    assert counted.compilations() == 3


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_what_is_kept_is_ours_alone(mask: int, counted: Counted, tmp_path: Path) -> None:
    """Folder and file are private, whatever the umask; so the next process trusts them."""
    before = os.umask(mask)
    try:
        library(constant(1.5))
    finally:
        os.umask(before)
    (path,) = kept(tmp_path)
    assert [each.stat().st_mode & 0o777 for each in (path.parent, path)] == [0o700, 0o700]
    library(constant(1.5))
    assert counted.compilations() == 1


def test_the_cache_is_bounded(counted: Counted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of many libraries those used last are kept; builds that were killed go after a day, running ones stay."""
    monkeypatch.setattr(toolchain, "_KEPT", 3)
    folder = tmp_path / "cache" / "c"
    for name in ("build-killed", "build-running"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o700)
    os.utime(folder / "build-killed", (0, 0))
    for number in range(3):
        library(constant(number))
    for age, path in enumerate(kept(tmp_path)):
        os.utime(path, (age, age))
    library(constant(0))  # used, and so the last to go
    library(constant(3))
    library(constant(4))
    assert [path.name for path in left_over(tmp_path)] == ["build-running"]
    assert len(kept(tmp_path)) == 3
    library(constant(0))
    assert counted.compilations() == 5


# --- Many at once -----------------------------------------------------------------------------------------------

AT_ONCE = """
import sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_double
from autograd.compiler.toolchain import library

def value(number):
    loaded = library(f"double f(void) {{ return {number}; }}")
    loaded.f.restype = c_double
    return loaded.f()

sys.stdin.readline()
with ThreadPoolExecutor(8) as pool:
    print(list(pool.map(value, [1.5, 2.5] * 4)))
"""


def test_processes_and_threads_may_compile_the_same_at_once(tmp_path: Path) -> None:
    """Two processes of eight threads, started together: all have the right numbers, and what is kept is whole."""
    command = [sys.executable, "-c", AT_ONCE]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, text=True, cwd=ROOT, **pipes) for _ in range(2)]
    for process in running:
        process.stdin.write("\n")  # pyright: ignore[reportOptionalMemberAccess]
        process.stdin.flush()  # pyright: ignore[reportOptionalMemberAccess]
    for process in running:
        assert process.communicate() == (f"{[1.5, 2.5] * 4}\n", "")
    assert 2 <= len(kept(tmp_path)) <= 4
    assert all(map(toolchain._is_whole, kept(tmp_path)))
    assert left_over(tmp_path) == []


def test_threads_find_what_is_kept(counted: Counted) -> None:
    """Eight threads that ask for a library that is there start no compiler."""
    library(constant(1.5))
    with ThreadPoolExecutor(8) as pool:
        assert [value(each) for each in pool.map(library, [constant(1.5)] * 64)] == [1.5] * 64
    assert counted.compilations() == 1


# --- Processors -------------------------------------------------------------------------------------------------


def test_what_is_made_for_one_processor_is_not_found_by_another(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder may serve several machines: what is for all of them is found by all, what is for one by its like."""
    for processor in ("this", "this", "another", "this"):
        monkeypatch.setattr(toolchain, "_processor", lambda processor=processor: processor)
        assert value(library(constant(1.5))) == 1.5
        assert value(library(constant(2.5), native=True)) == 2.5
    assert counted.compilations() == 3


def test_a_compiler_that_knows_no_processor_compiles_for_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it says of the option is not the user's concern; what it says of a wrong text is."""
    monkeypatch.setenv(
        "CC", str(script(tmp_path / "old", 'case "$*" in *native*) exit 1;; esac', f'exec "{SYSTEM}" "$@"'))
    )
    assert value(library(constant(1.5), native=True)) == 1.5
    with pytest.raises(RuntimeError, match=r"program\.c:1"):
        library("double f(void) { return nothing; }\n", native=True)


# --- Places -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["with spaces", "日本語 の フォルダー", "quote'\"d", "[a-b]*?", "-o", "semi;colon", "%s $HOME"]
)
def test_any_folder_will_do(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names of folders are names only: of the cache, and of the compiler."""
    monkeypatch.setenv("AUTOGRAD_CACHE", str(tmp_path / name / "cache"))
    monkeypatch.setenv("CC", str(script(tmp_path / name / "bin" / "c c", f'exec "{SYSTEM}" "$@"')))
    assert value(library(constant(1.5))) == 1.5
    (path,) = (tmp_path / name / "cache" / "c").iterdir()
    assert toolchain._is_whole(path)


def a_file_in_its_place(folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.parent.write_text("a file")


def a_place_without_files(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AUTOGRAD_CACHE", "/proc/nowhere")


def read_only(folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True, mode=0o500)
    make = tempfile.mkdtemp

    def refuse(suffix: str | None = None, prefix: str | None = None, dir: Any = None) -> str:
        if dir == folder:  # root, whom no permission stops, is stopped too
            raise PermissionError(f"{dir} is read-only")
        return make(suffix, prefix, dir)

    patch.setattr(tempfile, "mkdtemp", refuse)


def open_to_others(folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)


def none_wanted(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AUTOGRAD_CACHE", "")


def no_home(folder: Path, patch: pytest.MonkeyPatch) -> None:
    for name in ("AUTOGRAD_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        patch.delenv(name, raising=False)
    patch.setattr(toolchain.os.path, "expanduser", lambda path: path)


def no_running_from_there(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """As a disk mounted `noexec` answers."""

    def load(path: str) -> CDLL:
        if path.startswith(str(folder)):
            raise OSError(f"{path}: failed to map segment from shared object: Operation not permitted")
        return CDLL(path)

    patch.setattr(toolchain.ctypes, "CDLL", load)


UNUSABLE = [a_file_in_its_place, a_place_without_files, read_only, open_to_others, none_wanted, no_home]


@pytest.mark.parametrize("obstacle", [*UNUSABLE, no_running_from_there], ids=lambda obstacle: obstacle.__name__)
def test_without_a_usable_cache_a_process_compiles_for_itself(
    obstacle: Callable[[Path, pytest.MonkeyPatch], None],
    counted: Counted,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Where nothing can be kept, no error: a process compiles a text once, and leaves nothing on the disk."""
    obstacle(tmp_path / "cache" / "c", monkeypatch)
    assert [value(library(constant(1.5))) for _ in range(3)] == [1.5] * 3
    assert counted.compilations() == (2 if obstacle is no_running_from_there else 1)
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, "/home/someone/.cache/scalar-autograd/c"),
        ("linux", {"XDG_CACHE_HOME": "/else/where"}, "/else/where/scalar-autograd/c"),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, "/home/someone/.cache/scalar-autograd/c"),
        ("linux", {"XDG_CACHE_HOME": "/else/where", "AUTOGRAD_CACHE": "/named"}, "/named/c"),
        ("linux", {"AUTOGRAD_CACHE": "named"}, f"{os.getcwd()}/named/c"),
        ("linux", {"AUTOGRAD_CACHE": ""}, None),
        ("darwin", {}, "/home/someone/Library/Caches/scalar-autograd/c"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/scalar-autograd/c"),
        ("win32", {}, "/home/someone/AppData/Local/scalar-autograd/c"),
    ],
)
def test_where_libraries_are_kept(
    platform: str, variables: dict[str, str], folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder that is named, else where the system keeps what can be made again."""
    for name in ("AUTOGRAD_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {"HOME": "/home/someone", **variables}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(toolchain.sys, "platform", platform)
    assert toolchain._folder() == (folder and Path(folder))


# --- Compilers --------------------------------------------------------------------------------------------------


def test_the_compiler_is_looked_for_and_not_started(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """$CC goes before the system's, with its options; then cc, gcc, clang in this order; then the wheel's."""
    assert compiler() == str(counted.path)
    monkeypatch.setenv("CC", f"{counted.path} -m64 '-D A'")
    assert compiler() == f"{counted.path} -m64 '-D A'"
    monkeypatch.setenv("CC", " ")
    for name in ("clang", "gcc", "cc"):
        script(counted.path.with_name(name), f'echo "$*" >> "{counted.log}"')
        monkeypatch.setenv("PATH", str(counted.path.parent))
        assert compiler() == str(counted.path.with_name(name))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "ziglang")
    assert compiler() == f"{sys.executable} -m ziglang cc -mcpu=baseline -fno-sanitize=undefined"
    assert not counted.log.exists()


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ("", "neither cc, gcc nor clang is on the PATH"),
        ("no-such-cc -O3", "$CC is 'no-such-cc -O3', which is not there"),
        ("'not closed", '$CC is "\'not closed", which is not there'),
        ("''", "$CC is \"''\", which is not there"),
    ],
)
def test_without_a_compiler_the_error_says_how_to_get_one(
    chosen: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No compiler, or a $CC that is not there: None, and an error with both ways out; another is not taken quietly."""
    monkeypatch.setenv("CC", chosen)
    if not chosen:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert compiler() is None
    with pytest.raises(NoCompiler) as caught:
        library(constant(1.5))
    assert str(caught.value) == (
        f"no C compiler was found: {why}. Install one (apt install gcc, xcode-select --install …), "
        "or type: pip install 'ziglang>=0.13'"
    )


def test_a_text_that_is_wrong_says_what_the_compiler_says(tmp_path: Path) -> None:
    """The command, and the end of what the compiler writes; nothing is kept, and nothing left."""
    with pytest.raises(RuntimeError, match=r"the C compiler failed with status 1: .*-std=c99.*\n[^$]*program\.c:1"):
        library("double f(void) { return nothing; }\n")
    assert kept(tmp_path) == left_over(tmp_path) == []
    assert value(library(constant(1.5))) == 1.5


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["seq 1 30 >&2", "exit 3"], "status 3: .*\n" + "\n".join(map(str, range(11, 31)))),
        (["echo said; exit 4"], "status 4: .*\nsaid"),
        (["exit 0"], "status 0"),
        (["kill -9 $$"], "status -9"),
        (['test "$1" = --version || echo no library > program.so'], "made cannot be loaded: "),
    ],
)
def test_a_compiler_that_fails_is_named(
    lines: list[str], says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However a compiler fails: its command, its status and its last lines; no library is made up."""
    monkeypatch.setenv("CC", str(script(tmp_path / "failing", *lines)))
    with pytest.raises(RuntimeError, match=says) as caught:
        library(constant(1.5))
    assert str(tmp_path / "failing") in str(caught.value)
    assert left_over(tmp_path) == []


def test_a_compiler_that_cannot_be_started_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is no program is refused with its name."""
    path = script(tmp_path / "broken")
    path.write_bytes(b"\x7fELF")
    monkeypatch.setenv("CC", str(path))
    with pytest.raises(RuntimeError, match=r"the C compiler cannot be started: .*broken"):
        library(constant(1.5))


def test_an_interruption_leaves_nothing_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C while the compiler writes: nothing half done stays, and the next call compiles."""
    lines = (
        'test "$1" = --version && exit',
        'echo half | tee program.so > "$TMPDIR/half"',
        "kill -INT $PPID",
        "exec sleep 9",
    )
    monkeypatch.setenv("CC", str(script(tmp_path / "slow", *lines)))
    with pytest.raises(KeyboardInterrupt):
        library(constant(1.5))
    assert kept(tmp_path) == left_over(tmp_path) == []
    monkeypatch.delenv("CC")
    assert value(library(constant(1.5))) == 1.5


def test_the_toolchain_needs_the_standard_library_only() -> None:
    """And what says how to install a compiler; neither `autograd` nor its compiler loads it before it is needed."""
    tree = ast.parse(Path(toolchain.__file__).read_text())
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names if name != "autograd.installing"} <= sys.stdlib_module_names
    code = "import sys, autograd.compiler; print('autograd.compiler.toolchain' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "False\n"
