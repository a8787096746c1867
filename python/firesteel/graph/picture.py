"""A drawn graph: shown by notebooks, saved as a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Picture:
    """A drawn graph. Notebooks show it; `save` writes it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What was drawn.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    @property
    def svg(self) -> str:
        """The picture as SVG, without the date, so that equal graphs give equal files."""
        import matplotlib

        text = io.StringIO()
        # Names of elements are random otherwise.
        with matplotlib.rc_context({"svg.hashsalt": "firesteel"}):
            self.figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
        return text.getvalue()

    @property
    def png(self) -> bytes:
        """The picture as PNG, 150 dots an inch."""
        data = io.BytesIO()
        self.figure.savefig(data, format="png", bbox_inches="tight", dpi=150)
        return data.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the picture as the ending of the name says.

        Parameters
        ----------
        path : str or Path
            Ends in `.svg` or `.png`.

        Returns
        -------
        Path
            Where it is.

        Raises
        ------
        ValueError
            For other endings.
        """
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg, encoding="utf-8")
        elif path.suffix == ".png":
            path.write_bytes(self.png)
        else:
            raise ValueError(f"a picture is saved as .svg or .png, not as {path.name!r}")
        return path

    def _repr_svg_(self) -> str:
        return self.svg
