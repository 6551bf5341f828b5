"""What a check of an engine found, for terminals and notebooks."""

from dataclasses import dataclass
from html import escape

from autograd.languages import Language
from autograd.laws.words import ENGINE
from autograd.render.text import ruled

HOLDS, BROKEN, BECAUSE = "holds", "broken", "because"


@dataclass(frozen=True)
class Row:
    """One law.

    Attributes:
        law: its name in the table, such as "shared".
        result: "holds", "broken", or "because": not tried, as another law is broken.
        says: what is wrong, in a sentence; for "because" the name of the other law.
    """

    law: str
    result: str
    says: str = ""


@dataclass(frozen=True, repr=False)
class Report:
    """The laws of an engine, from easy to hard: `print(report)`.

    Attributes:
        name: of the class.
        rows: one for each law.
        notes: what is a convention, or missing, and so not a fault.
        language: of the sentences.
    """

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    language: Language

    @property
    def ok(self) -> bool:
        """Whether every law holds."""
        return all(row.result == HOLDS for row in self.rows)

    @property
    def faults(self) -> tuple[str, ...]:
        """The sentence of each broken law."""
        return tuple(row.says for row in self.rows if row.result == BROKEN)

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        count, broken = len(self.rows), len(self.faults)
        return ENGINE[self.language]["some" if broken else "all"].format(name=self.name, count=count, broken=broken)

    def _title(self, law: str) -> str:
        return ENGINE[self.language]["laws"][law]

    def _result(self, row: Row) -> str:
        law = self._title(row.says) if row.result == BECAUSE else ""
        return ENGINE[self.language][row.result].format(law=law)

    def __repr__(self) -> str:
        heads = ENGINE[self.language]["heads"]
        table = ruled([heads, *((self._title(row.law), self._result(row)) for row in self.rows)], left=2)
        parts = [self.summary, table]
        parts += [f"✗ {self._title(row.law)}\n  {row.says}" for row in self.rows if row.result == BROKEN]
        if self.notes:
            parts.append("\n".join([ENGINE[self.language]["notes"], *(f"  {note}" for note in self.notes)]))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        words = ENGINE[self.language]
        head = "".join(f'<th scope="col" style="text-align: left">{escape(each)}</th>' for each in words["heads"])
        body = "".join(map(self._html_row, self.rows))
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        tail = f"<p>{escape(words['notes'])}</p><ul>{notes}</ul>" if notes else ""
        return f"<p>{escape(self.summary)}</p><table><tr>{head}</tr>{body}</table>{tail}"

    def _html_row(self, row: Row) -> str:
        """A law, and below its result what is wrong."""
        result, bold = escape(self._result(row)), ' style="font-weight: bold"' if row.result == BROKEN else ""
        if row.result == BROKEN:
            sentence, _, program = row.says.partition("\n")
            result += f'<br><span style="font-weight: normal">{escape(sentence)}</span>'
            result += f'<pre style="text-align: left">{escape(program)}</pre>' if program else ""
        law = escape(self._title(row.law))
        return f'<tr{bold}><td style="text-align: left">{law}</td><td style="text-align: left">{result}</td></tr>'
