"""One proposal: what it builds and changes, for whom, at what cost, and how sure that is."""

from evenground.dutch import number, unit_of
from evenground.pages.book import Book, Plain
from evenground.pages.charts import bars, curves, margins
from evenground.pages.query import Query, choice_of


def context(book: Book, query: Query, name: str) -> Plain:
    """Return what the page of a proposal shows; ``thema`` in the address chooses the maps."""
    proposal = book.proposal[name]
    theme = choice_of(query, "thema", book.theme, "burden")
    after = proposal["after"][theme]
    return {
        "p": proposal,
        "theme": book.theme[theme],
        "maps": [
            ("Nu", book.level_map(theme, book["now"][theme])),
            ("Na dit voorstel", book.level_map(theme, after)),
            ("Verschil", book.difference_map(theme, after)),
        ],
        "works": book.works_map(proposal["works"]),
        "lorenz": curves(
            [
                ("nu", book["curves"].get("lorenz")),
                ("na dit voorstel", proposal["curves"].get("lorenz")),
            ]
        ),
        "concentration": curves(
            [
                ("nu", book["curves"].get("concentration")),
                ("na dit voorstel", proposal["curves"].get("concentration")),
            ]
        ),
        "fifths": bars([(row["name"], row["change"]) for row in proposal["by_fifth"]]),
        "margins": margins(proposal["intervals"], book["today"]),
        "often": _often(book),
    }


def counted(n: int) -> str:
    """Return how many places, in words."""
    return f"{number(n)} {unit_of(n, 'plekken')}"


def _often(book: Book) -> Plain:
    """Return where plans of the front build, in four classes of how often."""
    classes = (
        ("in bijna alle plannen (90 % of meer)", 0.9, "#0b2b5c"),
        ("in de meeste plannen (50 tot 90 %)", 0.5, "#28645f"),
        ("in sommige plannen (10 tot 50 %)", 0.1, "#ea995e"),
        ("in weinig plannen (minder dan 10 %)", 0.0, "#fcc3df"),
    )
    paths: list[list[str]] = [[] for _ in classes]
    table = book["frequency"]
    columns = (table[name] for name in ("site", "x", "y", "share"))
    for site, x, y, share in zip(*columns, strict=True):
        at = next(k for k, (_, least, _) in enumerate(classes) if share >= least)
        paths[at].append(book.site_path(site, x, y))
    used = [k for k in range(len(classes)) if paths[k]]
    return {
        "layers": [{"path": "".join(paths[k]), "colour": classes[k][2]} for k in used],
        "legend": [
            {"label": f"{classes[k][0]}: {counted(len(paths[k]))}", "colour": classes[k][2]}
            for k in used
        ],
    }
