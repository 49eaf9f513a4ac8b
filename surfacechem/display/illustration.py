"""A drawn figure on its way to a page: picture, title, caption, and words for those who do not see it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Illustration"]


@dataclass(frozen=True, kw_only=True)
class Illustration:
    """One figure of a report.

    Attributes
    ----------
    title : str
        Heading.
    caption : str
        What is drawn, in sentences.
    alt : str
        What is to be seen, for readers who do not see it.
    svg : str
        The picture as an SVG element whose text is escaped; ids are unique on the page.
    """

    title: str
    caption: str
    alt: str
    svg: str
