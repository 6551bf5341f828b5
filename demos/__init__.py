"""The lessons: `python -m demos` lists them, `python -m demos price` tells one.

A lesson is one file here, found by its name. It has:

    TEACHES     what one learns, in a line, by language
    SOURCE      the lecture it comes from
    numbers()   what it computes, as {name: number}; changes nothing
    main(language, output)   tells its story, and writes its pictures into the folder `output`
"""

ORDER = ("price",)
"""The order of teaching; a lesson that is not named here comes after these."""

LANGUAGES = ("ja", "en")
