"""Exported files at work: many compiled with one call, and a program in C that calls them on what it reads."""

import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CC = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")

_CALLER = r"""
#include <stdio.h>
#include <stdlib.h>
@headers@

typedef int values(size_t, const double *const[], const double *, double *, size_t *);
typedef int gradients(size_t, const double *const[], const double *, double *, double *, size_t *);
@sizes@
static const struct {
  values *f; gradients *g; size_t count; const size_t *sizes; size_t outputs, parameters;
} all[] = {
@models@
};

/* Lists have no room to spare, so that one number too many is seen. */
static double *list(size_t count, FILE *from)
{
  double *numbers = malloc(count * sizeof *numbers);
  if (from && count && fread(numbers, sizeof *numbers, count, from) != count) exit(9);
  return numbers;
}

int main(void)
{
  unsigned long long said[3];
  while (fread(said, sizeof said, 1, stdin) == 1) {
    const size_t model = said[0], rows = said[1], count = all[model].count, parameters = all[model].parameters;
    const size_t outputs = said[2] ? parameters + 1 : rows * all[model].outputs;
    const double **arguments = malloc(count * sizeof *arguments);
    for (size_t k = 0; k < count; k++) arguments[k] = list(rows * all[model].sizes[k], stdin);
    double *theta = list(parameters, stdin), *found = list(outputs, NULL), *value = list(1, NULL);
    double *gradient = list(parameters, NULL);
    size_t row = 12345;
    const int status = said[2] ? all[model].g(rows, arguments, theta, value, gradient, &row)
                               : all[model].f(rows, arguments, theta, found, &row);
    if (status && status != (said[2] ? all[model].g(rows, arguments, theta, value, gradient, NULL)
                                     : all[model].f(rows, arguments, theta, found, NULL))) return 8;
    if (said[2]) {
      found[0] = *value;
      for (size_t k = 0; k < parameters; k++) found[1 + k] = gradient[k];
    }
    const long long answer[2] = {status, (long long)row};
    fwrite(answer, sizeof answer, 1, stdout);
    if (!status) fwrite(found, sizeof *found, outputs, stdout);
    for (size_t k = 0; k < count; k++) free((void *)arguments[k]);
    free(arguments); free(theta); free(found); free(value); free(gradient);
  }
  return 0;
}
"""


@dataclass
class Exported:
    """A program that was exported: its name in C, and what its header says of it."""

    path: Path
    name: str
    sizes: Sequence[int]
    outputs: int
    parameters: int
    differentiable: bool


@dataclass
class Call:
    """A call of a file by its number: of the values, or of value and gradient."""

    model: int
    gradient: bool
    arguments: Sequence[np.ndarray]  # (rows, numbers)
    parameters: np.ndarray
    rows: int


@dataclass
class Answer:
    """What a call returned, the row it named, and its numbers: the outputs row by row, or value and gradient."""

    status: int
    row: int
    numbers: np.ndarray


def compiled(models: Sequence[Exported], folder: Path, *options: str) -> Path:
    """The program that calls the files, all compiled with these options."""
    sizes = [
        f"static const size_t sizes{k}[] = {{{', '.join(map(str, [*m.sizes, 0]))}}};" for k, m in enumerate(models)
    ]
    lines = [
        f"  {{{m.name}, {f'{m.name}_value_and_grad' if m.differentiable else 'NULL'}, "
        f"{len(m.sizes)}, sizes{k}, {m.outputs}, {m.parameters}}},"
        for k, m in enumerate(models)
    ]
    headers = dict.fromkeys(f'#include "{m.path.with_suffix(".h").name}"' for m in models)
    text = _CALLER.replace("@headers@", "\n".join(headers)).replace("@sizes@", "\n".join(sizes))
    (folder / "caller.c").write_text(text.replace("@models@", "\n".join(lines)), encoding="utf-8")
    made = folder / f"caller{''.join(options).replace('=', '').replace(',', '')}"
    files = [*dict.fromkeys(m.path.name for m in models), "caller.c"]
    said = subprocess.run(
        [str(CC), *STRICT, *options, "-o", made.name, *files, "-lm"], cwd=folder, capture_output=True, text=True
    )
    assert not said.returncode, said.stderr
    assert not said.stderr
    return made


def answers(program: Path, models: Sequence[Exported], calls: Sequence[Call]) -> list[Answer]:
    """What the calls return, one after the other."""
    sent = b"".join(
        struct.pack("=QQQ", call.model, call.rows, call.gradient)
        + b"".join(np.ascontiguousarray(x, dtype=float).tobytes() for x in call.arguments)
        + np.asarray(call.parameters, dtype=float).tobytes()
        for call in calls
    )
    ran = subprocess.run([program], input=sent, capture_output=True)
    assert not ran.returncode, ran.stderr.decode()
    assert not ran.stderr
    found, at = [], 0
    for call in calls:
        status, row = struct.unpack_from("=qq", ran.stdout, at)
        model = models[call.model]
        count = 0 if status else 1 + model.parameters if call.gradient else call.rows * model.outputs
        numbers: Any = np.frombuffer(ran.stdout, float, count, at + 16)
        found.append(Answer(status, row, numbers))
        at += 16 + 8 * count
    assert at == len(ran.stdout)
    return found
