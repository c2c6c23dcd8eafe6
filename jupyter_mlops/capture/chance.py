"""Random generators: who sets one, and who takes numbers from it and so moves it on."""

from __future__ import annotations

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.file_calls import FileCalls

__all__ = ["NUMPYS_OWN", "Chance"]

NUMPYS_OWN = "numpy.random"  # where the generator is that all share

# Keywords by which a function gets a generator of its own.
_GIVEN = frozenset({"random_state", "rng", "seed"})
_SETTING = frozenset({"numpy.random.seed", "random.seed", "numpy.random.set_state", "random.setstate"})
# Estimators that draw no numbers do so with other values than these.
_SOLVING = {
    "selection": ("cyclic",),
    "solver": ("lbfgs", "newton-cg", "newton-cholesky", "auto", "svd", "cholesky", "lsqr", "sparse_cg"),
    "n_restarts_optimizer": (0,),
}
_SCIPY = frozenset(
    {
        "rvs", "random", "differential_evolution", "basinhopping", "dual_annealing", "bootstrap", "permutation_test",
        "monte_carlo_test", "random_array", "kmeans", "kmeans2",
    }
)  # fmt: skip


class Chance(FileCalls):
    """Random numbers that calls draw."""

    def chances(self, path: str, root: str, name: str, arguments: Arguments) -> None:
        """Read what a known function does to the random generators of its library."""
        given = bool(arguments.every()) and self.constant(arguments.first) is not None
        if path in _SETTING:
            self.seed(root, given=given)
        elif path.startswith(("numpy.random.default_rng", "numpy.random.RandomState", "random.Random")):
            if not given:
                self.outside.add(f"random numbers without a seed ({root})")
        elif path.startswith("numpy.random.") or (root == "random" and name != "SystemRandom"):
            self.draw(root)
        elif self._library_draws(path, root, name, arguments):
            self.draw("numpy")

    def seeds_all(self, root: str) -> None:
        """A function that nobody knows sets a seed, of whichever generators there are."""
        self.seed(root, given=True)
        for generator in ("numpy", "random") if root != "torch" else ():
            self.write_state(f"random:{generator}")
            self.world.seeded.add(generator)

    def _library_draws(self, path: str, root: str, name: str, arguments: Arguments) -> bool:
        if root == "scipy":
            return name in _SCIPY and not self.given_generator(arguments)
        if (
            root != "sklearn"
            or name[:1].isupper()
            or path.startswith(("sklearn.metrics", "sklearn.utils.valid"))
        ):
            return False
        held = self.world.reach(arguments.regions(), seeing=False)
        return self.draws(name, arguments) or self.world.flagged(held, "draws")

    def given_generator(self, arguments: Arguments) -> bool:
        """Say whether a call surely got a generator of its own, or the number of one: a None, whatever it is called, is neither."""
        for key in _GIVEN & arguments.nodes.keys():
            value, constant = arguments.keywords[key], self.constant(arguments.nodes[key])
            if constant is None or value.path == NUMPYS_OWN:
                return False
            if constant is not ... or value.sure:
                return True
        return False

    def draws(self, name: str, arguments: Arguments) -> bool:
        """Say whether something of scikit-learn takes numbers from NumPy's generator."""
        if "random_state" in arguments.nodes:
            return not self.given_generator(arguments)
        if "shuffle" in arguments.nodes and name.endswith("Fold"):
            return self.constant(arguments.nodes["shuffle"]) is not False
        if name not in lib.DETERMINISTIC or any(key.startswith("**") for key in arguments.keywords):
            return True
        return any(
            key in arguments.nodes and self.constant(arguments.nodes[key]) not in safe
            for key, safe in _SOLVING.items()
        )
