"""From the view model to bytes: one file per rendering, one line here each."""

from shared_code.rendering.rendering import Rendering

__all__ = ["RENDERINGS", "Rendering"]

RENDERINGS: tuple[Rendering, ...] = ()
