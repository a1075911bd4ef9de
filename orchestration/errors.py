"""What can stop a run, beyond the errors of `models.errors`.

FabricError
├── BuildFailed      a step or a check of the build failed; the last published version stays up
└── GenerateFailed   a step or a check of the generation failed
"""

from models.errors import FabricError


class BuildFailed(FabricError):
    """A step or a check of the build failed; the last published version stays up."""


class GenerateFailed(FabricError):
    """A step or a check of the generation failed."""
