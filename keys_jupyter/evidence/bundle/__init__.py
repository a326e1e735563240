"""Plain data in, one deterministic zip out: a BagIt bag around an RO-Crate, signed and proved.

::

    signer = load_or_make(data_dir)
    made = make(incident_sources(material, program="0.1.0"), tree, signer)
    sha256, size = write(made.files, made.measures, Path("incident-3.zip"))
"""

from keys_jupyter.evidence.bundle.files import Told, write
from keys_jupyter.evidence.bundle.making import Made, make
from keys_jupyter.evidence.bundle.signing import Signer, load_or_make
from keys_jupyter.evidence.bundle.sources import (
    IncidentMaterial,
    PeriodMaterial,
    Sources,
    incident_sources,
    period_sources,
)

__all__ = [
    "IncidentMaterial",
    "Made",
    "PeriodMaterial",
    "Signer",
    "Sources",
    "Told",
    "incident_sources",
    "load_or_make",
    "make",
    "period_sources",
    "write",
]
