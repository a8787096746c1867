"""Small graphs as pictures: networkx places the vertices, matplotlib draws."""

from __future__ import annotations

from numbers import Number
from typing import TYPE_CHECKING, Any

from firesteel.graph.picture import Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphframes import GraphFrame
    from matplotlib.axes import Axes

# Beyond so many vertices, names would lie upon each other.
MAX_NAMED = 60

# Values of a column of colours that get a colour each; more of them get a scale, if they are numbers.
MAX_CLASSES = 10

# Areas of vertices in points squared.
AREA, MIN_AREA, MAX_AREA = 260.0, 60.0, 1400.0

GREY = "#b8b8b8"


def plot(
    graph: GraphFrame,
    *,
    color: str | None = None,
    size: str | None = None,
    label: str | None = "id",
    edge_label: str | None = None,
    max_vertices: int = 300,
    seed: int = 42,
    figsize: tuple[float, float] = (9.0, 6.0),
) -> Picture:
    """Draw a small graph.

    Parameters
    ----------
    graph : GraphFrame
        What is drawn; edges whose ends are no vertices are left out.
    color : str, optional
        Column of the vertices that colours them: by a scale if it has more than ten numbers, else a colour a value.
    size : str, optional
        Column of numbers of the vertices: their areas.
    label : str, optional
        Column of the vertices that names them (default: `id`); None for no names. At most 60 vertices are named.
    edge_label : str, optional
        Column of the edges that is written at them.
    max_vertices : int
        A larger graph is refused before it is fetched: filter it first, or raise the number. There may be ten times as
        many edges.
    seed : int
        Of the first places; the same graph with the same seed looks the same.
    figsize : tuple of float
        Width and height in inches.

    Returns
    -------
    Picture
        Shown by notebooks; `picture.save("graph.svg")` writes it.

    Raises
    ------
    ImportError
        If networkx or matplotlib is missing.
    ValueError
        If the graph is too large, or a column does not exist.

    Examples
    --------
    >>> ranks = graph.pageRank(maxIter=10)  # doctest: +SKIP
    >>> plot(ranks, size="pagerank", color="pagerank").save("ranks.svg")  # doctest: +SKIP
    """
    try:
        import networkx
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pictures of graphs need networkx and matplotlib: pip install firesteel[graph]") from error

    vertices = _rows(graph.vertices, ["id"], [color, size, label], max_vertices, "vertices")
    edges = _rows(graph.edges, ["src", "dst"], [edge_label], 10 * max_vertices, "edges")
    drawn = networkx.DiGraph()
    drawn.add_nodes_from(row["id"] for row in vertices)
    drawn.add_edges_from((row["src"], row["dst"]) for row in edges if row["src"] in drawn and row["dst"] in drawn)
    figure = Figure(figsize=figsize, layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    if not drawn:
        return Picture(figure)
    places = _places(drawn, seed)
    values = {row["id"]: row for row in vertices}
    nodes = list(drawn)
    # Crowds get smaller vertices.
    scale = max(min(1.0, 40 / len(nodes)), 0.2)
    areas = [scale * area for area in (_areas([values[node][size] for node in nodes]) if size else [AREA] * len(nodes))]
    networkx.draw_networkx_edges(
        drawn, places, ax=axes, nodelist=nodes, node_size=areas, edge_color="#8a8a8a", width=0.9, arrowsize=9
    )
    _draw_vertices(
        axes, [places[node] for node in nodes], areas, [values[node][color] for node in nodes] if color else None, color
    )
    if label and len(nodes) <= MAX_NAMED:
        _write_names(axes, {node: str(values[node][label]) for node in nodes}, places)
    if edge_label:
        names = {
            (row["src"], row["dst"]): str(row[edge_label]) for row in edges if drawn.has_edge(row["src"], row["dst"])
        }
        networkx.draw_networkx_edge_labels(drawn, places, names, ax=axes, font_size=7)
    axes.margins(0.08)
    return Picture(figure)


def _rows(table: Any, keys: list[str], wanted: Sequence[str | None], limit: int, what: str) -> list[Any]:
    """Fetch the rows of a side of the graph, if there are not too many."""
    columns = list(dict.fromkeys([*keys, *(column for column in wanted if column)]))
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"the {what} have no column {missing[0]!r}, only {', '.join(table.columns)}")
    rows = table.select(*columns).limit(limit + 1).collect()
    if len(rows) > limit:
        raise ValueError(
            f"the graph has more than {limit} {what}, too many to be seen: filter it (filterVertices, filterEdges) "
            "or raise max_vertices"
        )
    return list(rows)


def _places(drawn: Any, seed: int) -> dict[Any, Any]:
    """Places of vertices: every component by forces, the components beside each other."""
    import networkx

    parts = sorted(networkx.weakly_connected_components(drawn), key=len, reverse=True)
    places: dict[Any, Any] = {}
    x, y, row_height, width = 0.0, 0.0, 0.0, 1.6 * len(drawn) ** 0.5
    for part in parts:
        side = len(part) ** 0.5
        if x > 0 and x + side > width:
            x, y, row_height = 0.0, y - row_height - 0.4, 0.0
        nodes = sorted(part, key=str)
        part_graph = networkx.Graph()
        part_graph.add_nodes_from(nodes)
        part_graph.add_edges_from(sorted(drawn.subgraph(part).edges, key=str))
        # More repulsion than by default, so that names have room.
        found = networkx.spring_layout(part_graph, k=1.6 / max(side, 1.0), iterations=200, seed=seed)
        for node, (left, up) in found.items():
            places[node] = (x + side * (left + 1) / 2, y - side * (1 - up) / 2)
        x += side + 0.4
        row_height = max(row_height, side)
    return places


def _areas(values: list[Any]) -> list[float]:
    """Areas that grow with values; the smallest for nulls."""
    numbers = [float(value) for value in values if value is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    if high == low:
        return [AREA] * len(values)
    span = (MAX_AREA - MIN_AREA) / (high - low)
    return [MIN_AREA if value is None else MIN_AREA + (float(value) - low) * span for value in values]


def _draw_vertices(
    axes: Axes, places: list[Any], areas: list[float], values: list[Any] | None, name: str | None
) -> None:
    xs, ys = zip(*places, strict=True)
    style: dict[str, Any] = {"s": areas, "edgecolors": "#404040", "linewidths": 0.7, "zorder": 2}
    if values is None:
        axes.scatter(xs, ys, c="#8ecae6", **style)
        return
    classes = sorted({value for value in values if value is not None}, key=lambda value: (str(type(value)), value))
    are_numbers = all(isinstance(value, Number) and not isinstance(value, bool) for value in classes)
    if are_numbers and len(classes) > MAX_CLASSES:
        shown = [float("nan") if value is None else float(value) for value in values]
        drawn = axes.scatter(xs, ys, c=shown, cmap="viridis", plotnonfinite=True, **style)
        axes.figure.colorbar(drawn, ax=axes, label=name, shrink=0.7)
        return
    from matplotlib import colormaps
    from matplotlib.lines import Line2D

    palette = colormaps["tab20" if len(classes) > MAX_CLASSES else "Set2" if len(classes) <= 7 else "tab10"]
    colors = {value: palette(index % palette.N) for index, value in enumerate(classes)}
    axes.scatter(xs, ys, c=[colors.get(value, GREY) for value in values], **style)
    shown_classes = [*classes[: 2 * MAX_CLASSES], *([None] if None in values else [])]
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=8, color=colors.get(value, GREY), label=str(value))
        for value in shown_classes
    ]
    axes.legend(handles=handles, title=name, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _write_names(axes: Axes, names: dict[Any, str], places: dict[Any, Any]) -> None:
    paper = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.55}
    for node, name in names.items():
        x, y = places[node]
        axes.text(x, y, name, fontsize=8, ha="center", va="center", zorder=3, bbox=paper)
