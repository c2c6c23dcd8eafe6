"""Values for notebooks in other languages than Python, written by papermill's translators.

As they come, some of these let text act: Julia and PowerShell look for expressions within quotes. So text is quoted
here for the languages whose rules are known (R, Julia, Bash, PowerShell); in any other language only text in which
nothing can act is let through. Nothing is declared in such a notebook: a name must stand in its parameters cell.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from papermill.exceptions import PapermillException
from papermill.translators import (
    BashTranslator,
    JuliaTranslator,
    PowershellTranslator,
    RTranslator,
    papermill_translators,
)

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import plain
from jupyter_mlops.jobs.scalars import Misfit, read_literal
from jupyter_mlops.jobs.values import refused
from jupyter_mlops.records.parameter import Unread

__all__ = ["Language", "check_translated", "language_called", "translated"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,199}", re.ASCII)
_R_NAME = re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]{0,199}", re.ASCII)
_HARMLESS = re.compile(r"[A-Za-z0-9 _.,:;/+@=-]*", re.ASCII)  # acts within the quotes of no language
_SINGLE_QUOTE = re.compile("['\u2018-\u201b]")
_EXACT = 2**53  # what a double counts to
# What a shell itself goes by, and what it calculates when a value is set: text in them can be a command.
_SHELLS_OWN = re.compile(
    r"PATH|ENV|IFS|PROMPT_COMMAND|PS[0-4]|LD_.*|DYLD_.*|SHELLOPTS|BASH.*|RANDOM|SRANDOM|SECONDS|OPTIND|LINENO"
    r"|HISTCMD|EPOCHSECONDS|EPOCHREALTIME|U?ID|EUID|PPID"
)
_RESERVED = {
    "r": frozenset(
        [
            "if",
            "else",
            "repeat",
            "while",
            "function",
            "for",
            "next",
            "break",
            "in",
            "TRUE",
            "FALSE",
            "NULL",
            "Inf",
            "NaN",
            "NA",
            "NA_integer_",
            "NA_real_",
            "NA_character_",
            "NA_complex_",
            "T",
            "F",
        ]
    ),
    "julia": frozenset(
        [
            "baremodule",
            "begin",
            "break",
            "catch",
            "const",
            "continue",
            "do",
            "else",
            "elseif",
            "end",
            "export",
            "false",
            "finally",
            "for",
            "function",
            "global",
            "if",
            "import",
            "let",
            "local",
            "macro",
            "module",
            "quote",
            "return",
            "struct",
            "true",
            "try",
            "using",
            "while",
            "nothing",
            "missing",
        ]
    ),
    "bash": frozenset(
        [
            "if",
            "then",
            "else",
            "elif",
            "fi",
            "case",
            "esac",
            "for",
            "select",
            "while",
            "until",
            "do",
            "done",
            "in",
            "function",
            "time",
        ]
    ),
}


# --- how text is quoted --------------------------------------------------------------------------------


def _escaped(text: str, *, special: str, wide: str) -> str:
    """Write *text* between double quotes: *special* behind a backslash, what is not plain ASCII by its number."""
    parts = []
    for sign in text:
        if sign in special:
            parts.append(f"\\{sign}")
        elif " " <= sign <= "~":
            parts.append(sign)
        elif sign == "\0":
            raise Misfit("holds a character of the value 0, which this language cannot", "unicode")
        else:
            parts.append(wide % ord(sign))
    return f'"{"".join(parts)}"'


def _number(number: float, *, infinite: str, none: str) -> str:
    if math.isfinite(number):
        return repr(number)
    return none if math.isnan(number) else (infinite if number > 0 else f"-{infinite}")


class _R(RTranslator):  # type: ignore[misc]
    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        # Braces end the number; a byte (\xe9) would be one of an encoding that nobody knows.
        return _escaped(str(str_val), special='"\\', wide=r"\U{%x}")

    @classmethod
    def translate_float(cls, val: float) -> str:
        return _number(val, infinite="Inf", none="NaN")

    @classmethod
    def translate_int(cls, val: int) -> str:
        if abs(val) > _EXACT:
            raise Misfit("is a whole number that R cannot hold exactly", "size")
        return str(val)

    @classmethod
    def translate_dict(cls, val: Mapping[str, object]) -> str:
        if "" in val:
            raise Misfit("has an empty key, which R cannot", "keys")
        return str(super().translate_dict(val))


class _Julia(JuliaTranslator):  # type: ignore[misc]
    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        return _escaped(str(str_val), special='"\\$', wide=r"\U%08x")

    @classmethod
    def translate_float(cls, val: float) -> str:
        return _number(val, infinite="Inf", none="NaN")


class _Bash(BashTranslator):  # type: ignore[misc]
    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        if "\0" in str(str_val):
            raise Misfit("holds a character of the value 0, which a shell cannot", "unicode")
        return str(super().translate_escaped_str(str_val))

    @classmethod
    def translate_list(cls, val: list[object]) -> str:
        if any(isinstance(item, (list, dict)) for item in val):
            raise Misfit("is a list of lists or dicts, which a shell does not have")
        return str(super().translate_list(val))

    @classmethod
    def translate_dict(cls, val: Mapping[str, object]) -> str:  # noqa: ARG003  # papermill's own name for it
        raise Misfit("is a dict, which has no form in a shell")


class _PowerShell(PowershellTranslator):  # type: ignore[misc]
    @classmethod
    def translate_escaped_str(cls, str_val: object) -> str:
        # Single quotes: nothing acts within them. The curved ones count as such, too.
        return "'" + _SINGLE_QUOTE.sub(r"\g<0>\g<0>", str(str_val)) + "'"


_SAFE: Mapping[type, type] = {
    RTranslator: _R,
    JuliaTranslator: _Julia,
    BashTranslator: _Bash,
    PowershellTranslator: _PowerShell,
}


# --- languages -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Language:
    """A language: what it is called, what writes its values, and whether any text is safe with that."""

    name: str
    translator: Any
    safe: bool


def language_called(kernel: str, language: str) -> Language:
    """Return the language of a notebook that names this *kernel* and this *language*.

    Raises
    ------
    Invalid
        Nothing is known that writes values in it.
    """
    for name in (language, language.lower(), language.upper(), language.capitalize()):
        with suppress(PapermillException):
            found = papermill_translators.find_translator(kernel, name)
            return Language(language.lower(), _SAFE.get(found, found), found in _SAFE)
    raise Invalid(
        f"nothing is known that writes values in {language}, the language of kernel {kernel!r}",
        remedy="Set the values in the notebook itself, or register a translator with papermill.",
        data={"language": language, "rule": "language"},
    )


def check_translated(language: Language, cell: str | None, values: Mapping[str, object]) -> dict[str, object]:
    """Return *values* JSON-ready, once each can be written in *language* under its name; *cell* is the parameters cell.

    Raises
    ------
    Invalid
        A name is none of the language, or does not stand in the cell; a value has no form in it.
    """
    for name in values:
        _check_name(language, cell, name)
    return {name: _checked(language, name, value) for name, value in values.items()}


def _check_name(language: Language, cell: str | None, name: object) -> None:
    form = _R_NAME if language.name == "r" else _NAME
    if not isinstance(name, str) or not form.fullmatch(name):
        raise refused(
            name,
            "identifier",
            f"is not a name of {language.name}",
            "Give the name as the parameters cell has it.",
        )
    if name in _RESERVED.get(language.name, ()):
        raise refused(
            name, "reserved", f"is reserved by {language.name}", "Rename it in the parameters cell."
        )
    if language.name == "bash":
        _check_name_of_bash(cell or "", name)
    # The whole name, as the language reads it: a dot is part of one in R.
    if cell is None or not re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", cell):
        where = "the parameters cell" if cell is not None else "the notebook: no cell is tagged 'parameters'"
        raise refused(
            name,
            "unknown",
            f"does not stand in {where}",
            "Give it a default in the cell tagged 'parameters'.",
        )


def _check_name_of_bash(cell: str, name: str) -> None:
    """Refuse a name that the shell goes by, or that the cell does not simply set: text in it might be run."""
    if _SHELLS_OWN.fullmatch(name):
        raise refused(
            name, "reserved", "means something to the shell itself", "Rename it in the parameters cell."
        )
    code = cell.replace("\\\n", " ")
    declared = rf"\b(?:declare|typeset|local|readonly|export)\b[^\n]*?\s[-+]\w[^\n]*?\b{name}\b"
    if re.search(declared, code):
        raise refused(
            name,
            "declared",
            "is declared with attributes in the parameters cell: the shell might calculate its value, and so run it",
            f"Set it there simply, as in {name}=1.",
        )
    if cell and not re.search(rf"(?:^|[\s;]){name}=", code):
        raise refused(
            name,
            "unknown",
            "is not set in the parameters cell",
            f"Give it a default there, as in {name}=1.",
        )


def _checked(language: Language, name: str, value: object) -> object:
    try:
        ready = plain.checked(_read(value))
        _translate(language, ready)
    except Misfit as failure:
        raise refused(
            name,
            failure.rule,
            f"= {value!r:.80}: it {failure.sentence}",
            "Give a plain value, or a file's path.",
        ) from None
    return ready


def _read(value: object) -> object:
    """Read text of a command line as JSON or a literal; what is neither is text."""
    if not isinstance(value, Unread):
        return value
    with suppress(ValueError, RecursionError):
        found = json.loads(value)
        return str(value) if isinstance(found, str) else found
    found = read_literal(value)
    return found if isinstance(found, (bool, int, float, list, dict, type(None))) else str(value)


def _translate(language: Language, ready: Any) -> str:
    if not language.safe and not all(map(_HARMLESS.fullmatch, _texts(ready))):
        raise Misfit(
            f"has signs that may act in {language.name}: letters, digits, blanks and _.,:;/+@=- do not",
            "text",
        )
    if not language.safe and any(not math.isfinite(number) for number in _floats(ready)):
        raise Misfit(f"has no form in {language.name} that is known")
    try:
        return str(language.translator.translate(ready))
    except NotImplementedError:
        raise Misfit(f"is a {type(ready).__name__}, which has no form in {language.name}") from None


def _texts(ready: object) -> list[str]:
    if isinstance(ready, list):
        return [text for item in ready for text in _texts(item)]
    if isinstance(ready, dict):
        return [*ready, *(text for item in ready.values() for text in _texts(item))]
    return [ready] if isinstance(ready, str) else []


def _floats(ready: object) -> list[float]:
    items = ready.values() if isinstance(ready, dict) else (ready if isinstance(ready, list) else ())
    return [ready] if isinstance(ready, float) else [number for item in items for number in _floats(item)]


def translated(language: Language, values: Mapping[str, object]) -> str:
    """Return assignments of checked *values* in *language*, under a comment."""
    assign: Callable[[str, str], object] = language.translator.assign
    end = ";" if language.name == "matlab" else ""
    lines = [f"{assign(name, _translate(language, value))}{end}" for name, value in values.items()]
    return "\n".join([str(language.translator.comment("Parameters")), *lines])
