"""Signers' and desk pages use nothing that Chrome 80 or Safari 13 does not know.

Scripts and styles are parsed, and everything newer that would break a page is looked for by
name. What older browsers may ignore without harm (`accent-color`, say) is not listed. When a
feature is used only where it exists, its name stands in DETECTED. The years of each feature are
those of MDN's compatibility tables. Chrome 80 itself is asked by `make old-browser`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinycss2
import tree_sitter_javascript
from django.conf import settings
from django.test import Client
from tree_sitter import Language, Node, Parser

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
SCRIPTS = sorted([*(STATIC / "js/signer").glob("*.js"), *(STATIC / "js/desk").glob("*.js")])
PAGES = sorted([*(TEMPLATES / "signer").glob("*.html"), *(TEMPLATES / "desk").glob("*.html")])
STYLES = sorted(
    {STATIC / name for page in PAGES for name in re.findall(r"'(css/[^']+)'", page.read_text())}
)

# Syntax after ES2019, as the parser names it.
NEW_SYNTAX = {
    "optional_chain",  # Safari 13.1
    "private_property_identifier",  # Safari 14.1
    "field_definition",  # Safari 14
    "class_static_block",  # Chrome 94, Safari 16.4
    "namespace_export",  # Safari 14.1
    "import_attribute",  # Chrome 123, Safari 17.2
}
NEW_OPERATORS = {"??", "??=", "||=", "&&="}
NEW_GLOBALS = {
    "AggregateError", "BroadcastChannel", "CompressionStream", "EventTarget",
    "FinalizationRegistry", "OffscreenCanvas", "ResizeObserver", "URLPattern", "WeakRef",
    "createImageBitmap", "requestIdleCallback", "scheduler", "structuredClone",
}  # fmt: skip
NEW_PROPERTIES_OF_OBJECTS = {"inert", "locks", "popover", "wakeLock"}
NEW_METHODS = {
    "any", "at", "databases", "findLast", "findLastIndex", "getAnimations", "groupBy", "hasOwn",
    "isWellFormed", "randomUUID", "replaceAll", "replaceChildren", "requestSubmit", "setHTML",
    "showModal", "showPicker", "showPopover", "startViewTransition", "throwIfAborted",
    "toReversed", "toSorted", "toSpliced", "toWellFormed", "withResolvers",
}  # fmt: skip
# Used only where they are: clipboard Safari 13.1, share Chrome 61 on Android only,
# getCoalescedEvents never in Safari. Each is asked for by an `if` or a `?`.
DETECTED = {"clipboard", "share", "getCoalescedEvents"}

NEW_PROPERTIES = {
    "aspect-ratio", "block-size", "container", "container-type", "inset", "inset-block",
    "inset-inline", "inline-size", "margin-block", "margin-inline", "padding-block",
    "padding-inline", "rotate", "scale", "translate",
}  # fmt: skip
NEW_FUNCTIONS = {
    "clamp", "color", "color-mix", "conic-gradient", "lab", "lch", "light-dark", "oklab", "oklch",
    "round",
}  # fmt: skip
NEW_UNITS = {"cqw", "cqh", "cqi", "dvh", "dvw", "dvb", "lvh", "lvw", "svh", "svw", "lh", "rlh"}
NEW_RULES = {"container", "layer", "property", "scope", "starting-style"}
NEW_SELECTORS = re.compile(r":(is|where|has|modal|popover-open|user-(in)?valid|dir)\b|::backdrop")
NEW_TAGS = re.compile(r"<(dialog|search|selectlist)\b|\s(popover|inert)[\s=>]")

PARSER = Parser(Language(tree_sitter_javascript.language()))


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def text_of(node: Node) -> str:
    return node.text.decode() if node.text else ""


def newer_in_script(source: str) -> list[str]:
    """Everything in a script that Chrome 80 or Safari 13 would stumble over."""
    tree = PARSER.parse(source.encode())
    assert not tree.root_node.has_error
    return [f"line {node.start_point.row + 1}: {text_of(node)}" for node in nodes(tree.root_node)
            if is_newer(node)]  # fmt: skip


def is_newer(node: Node) -> bool:
    text = text_of(node)
    match node.type:
        case "number":
            return "_" in text or text.endswith("n")
        case "regex_pattern":
            return "(?<=" in text or "(?<!" in text
        case "regex_flags":
            return bool(set("dv") & set(text))
        case "identifier":
            return text in NEW_GLOBALS
        case "property_identifier":
            called = is_called(node) and text in NEW_METHODS
            return called or text in NEW_PROPERTIES_OF_OBJECTS
        case "await_expression":
            return not is_in_function(node)
    return node.type in NEW_SYNTAX or (node.type in NEW_OPERATORS and not node.is_named)


def is_called(name: Node) -> bool:
    member = name.parent
    return (
        member is not None
        and member.parent is not None
        and member.parent.type == ("call_expression")
    )


def is_in_function(node: Node) -> bool:
    at = node.parent
    while at is not None:
        if at.type.endswith(("function", "function_declaration", "method_definition")):
            return True
        at = at.parent
    return False


def newer_in_style(source: str) -> list[str]:
    rules = tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True)
    return [f"line {rule.source_line}: {found}" for rule in rules for found in in_rule(rule)]


def in_rule(rule: Any) -> Iterator[str]:
    if isinstance(rule, tinycss2.ast.AtRule):
        if rule.at_keyword in NEW_RULES:
            yield f"@{rule.at_keyword}"
        content = tinycss2.parse_blocks_contents(
            rule.content or [], skip_comments=True, skip_whitespace=True
        )
        for inner in content:
            yield from in_rule(inner)
    elif isinstance(rule, tinycss2.ast.QualifiedRule):
        yield from in_selector(tinycss2.serialize(rule.prelude))
        yield from in_block(rule.content)


def in_selector(selector: str) -> Iterator[str]:
    if NEW_SELECTORS.search(selector) or re.search(r":not\([^)]*,", selector):
        yield selector.strip()


def in_block(content: list[Any]) -> Iterator[str]:
    declared = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    yield from in_layout([one for one in declared if one.type == "declaration"])
    for one in declared:
        if one.type != "declaration":
            yield "nesting"
        elif one.name in NEW_PROPERTIES:
            yield one.name
        else:
            yield from in_value(one.value)


def in_layout(declared: list[Any]) -> Iterator[str]:
    """A gap is known in grids, and in flex boxes only since Chrome 84 and Safari 14.1."""
    values = {one.name: tinycss2.serialize(one.value) for one in declared}
    if {"gap", "row-gap", "column-gap"} & set(values) and "grid" not in values.get("display", ""):
        yield "gap outside a grid"


def in_value(tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "function" and token.lower_name in NEW_FUNCTIONS:
            yield f"{token.lower_name}()"
        if token.type == "dimension" and token.lower_unit in NEW_UNITS:
            yield token.lower_unit
        if token.type == "function":
            yield from in_value(token.arguments)


def named(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_script_runs_in_chrome_80_and_safari_13(path: Path):
    assert newer_in_script(path.read_text()) == []


def test_the_service_worker_runs_in_chrome_80_and_safari_13(client: Client):
    assert newer_in_script(client.get("/sw.js").content.decode()) == []


@pytest.mark.parametrize("path", STYLES, ids=named)
def test_a_style_sheet_is_understood_by_chrome_80_and_safari_13(path: Path):
    assert newer_in_style(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_has_no_element_that_chrome_80_and_safari_13_do_not_know(path: Path):
    assert NEW_TAGS.findall(path.read_text()) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_what_not_every_browser_has_is_asked_for_before_it_is_used(path: Path):
    source = path.read_text()
    for name in DETECTED:
        if f".{name}" in source:
            assert re.search(rf"\.{name}\b( \?|\)| &&)", source), name


@pytest.mark.parametrize(
    "source",
    [
        "a?.b", "a ?? b", "a ??= b", "a ||= b", "class A { #b }", "class A { b = 1 }",
        "class A { static {} }", "1_000", "10n", "/(?<=a)b/", "/a/v", "await a",
        "if (a) { await b }", "s.replaceAll(a, b)", "structuredClone(a)", "[1].at(-1)",
        "crypto.randomUUID()", "export * as a from 'b'", "new ResizeObserver(a)",
        "dialog.showModal()",
    ],
)  # fmt: skip
def test_the_check_finds_newer_script(source: str):
    assert newer_in_script(source)


@pytest.mark.parametrize(
    "source",
    [
        "async function a() { await b }", "const { a, ...b } = c", "const at = [1]; at.flat()",
        "a.at = b",
        "try { a } catch { b }", "/\\p{L}/gu", "x ? y : z", "import { a } from './b.js';",
    ],
)  # fmt: skip
def test_the_check_lets_older_script_pass(source: str):
    assert newer_in_script(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "a { display: flex; gap: 1rem }", "a { aspect-ratio: 1 }", "a { inset: 0 }",
        "a { width: clamp(1rem, 2vw, 3rem) }", "a { height: calc(100dvh - 1rem) }",
        ":is(a, b) { color: red }", "a:has(b) { color: red }", "a:not(b, c) { color: red }",
        "@layer x { a { color: red } }", "a { &:hover { color: red } }", "a { margin-inline: 0 }",
        "@media print { a { color: oklch(1 2 3) } }",
    ],
)  # fmt: skip
def test_the_check_finds_newer_style(source: str):
    assert newer_in_style(source)


def test_the_check_lets_a_gap_in_a_grid_pass():
    assert newer_in_style("a { display: grid; gap: 1rem; width: min(1rem, 2vw) }") == []
