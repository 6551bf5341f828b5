"""What writes the generated pages of docs/ and the tables of the READMEs, from the code: one module for each page."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
