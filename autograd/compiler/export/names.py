"""Names for what C exports: identifiers that no compiler, and no other name in the file, stands in the way of."""

import re
import unicodedata

_USUAL = "model"
_OF_C = """
    alignas alignof auto bool break case char const constexpr continue default do double else enum extern false float
    for goto if inline int long nullptr register restrict return short signed sizeof static struct switch thread_local
    true typedef typeof union unsigned void volatile while asm fortran main noreturn
"""
_OF_CPP = """
    and and_eq bitand bitor catch char8_t char16_t char32_t class compl concept const_cast consteval constinit co_await
    co_return co_yield decltype delete dynamic_cast explicit export friend module mutable namespace new noexcept not
    not_eq operator or or_eq private protected public reinterpret_cast requires static_assert static_cast std template
    this throw try typeid typename using virtual wchar_t xor xor_eq import final override
"""
_OF_MATH = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax
    fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint
    nextafter nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc
"""
_MORE_OF_MATH = """
    INFINITY NAN HUGE_VAL double_t float_t fpclassify isfinite isinf isnan isnormal signbit signgam gamma drem exp10
    pow10 sincos significand finite isgreater isless islessgreater isunordered j0 j1 jn y0 y1 yn errno M_PI M_E
"""
_OF_LIBRARY = """
    abort abs atexit atof atoi atol atoll bsearch calloc div exit free getenv labs ldiv llabs lldiv malloc mblen mbtowc
    qsort rand realloc srand strtod strtof strtol strtold strtoll strtoul strtoull system memchr memcmp memcpy memmove
    memset strcat strchr strcmp strcoll strcpy strcspn strerror strlen strncat strncmp strncpy strpbrk strrchr strspn
    strstr strtok strxfrm NULL offsetof ptrdiff_t size_t max_align_t uintptr_t intptr_t linux unix i386 random signal
    time clock printf puts index rindex bcopy bcmp bzero select read write open close link unlink pipe sleep daemon
"""
_OF_FILES = """
    ALL APART FOURS GET HALVES KEEP PAIRS PICK PUT STEP TOTAL TOTALS bits first put_some unaligned unaligned_bits wide
"""  # c_steps.py has these
_TAKEN = {
    *" ".join((_OF_C, _OF_CPP, _OF_LIBRARY, _MORE_OF_MATH, _OF_FILES)).split(),
    *(f"{word}{kind}" for word in _OF_MATH.split() for kind in ("", "f", "l")),
}
_NUMBERED = re.compile(r"(?:map|sum|product|copy|places)\d+")  # so are functions of steps called


def identifier(text: str) -> str:
    """The nearest name that C, C++ and their libraries leave free: `model_2d` for `2d`, `exp_model` for `exp`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()  # é is e
    name = re.sub(r"[\W_]+", "_", plain, flags=re.ASCII).strip("_")
    if not name or name[0].isdigit():
        name = f"{_USUAL}_{name}".rstrip("_")
    return f"{name}_{_USUAL}" if name in _TAKEN or _NUMBERED.fullmatch(name) else name
