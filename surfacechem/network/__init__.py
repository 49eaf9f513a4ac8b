"""A system bound to its solver: names outside, indices inside.

`Network` lowers a system once. `Network.bind` fixes what is in the flask at each point; `Bound.solve` is the cheap
call that a fit repeats for ever new constants. `Speciation` is what comes back, named.
"""

from surfacechem.network.bound import Bound
from surfacechem.network.filling import BoundShells
from surfacechem.network.network import Network
from surfacechem.network.speciation import Speciation

__all__ = ["Bound", "BoundShells", "Network", "Speciation"]
