"""Exercises: files with TODOs for a student, and checks that tell what is right without giving the answer.

`python -m demos exercises FOLDER` writes them, `python -m demos exercises check FOLDER` checks them. Each exercise is
one module here: its file as a template, its texts by language, and its parts, each with the function that checks it.

    exercise.py   what an exercise is, and writing it
    answer.py     a student's file, its calls, and what can be wrong with what they give
    checking.py   the verdicts, and the table of them
    command.py    the command
    words.py      what all exercises say

The rest are exercises, in the order of `EXERCISES` in `command.py`.
"""
