"""Objectives that R's glasso 1.11 and scikit-learn 1.9.1 reach, as ReferenceValues.swift.

    python make_reference.py > ../ReferenceValues.swift

Needs Rscript with the package glasso (Debian: r-base-core, r-cran-glasso) besides numpy and
scikit-learn.
"""

import subprocess
import tempfile
import warnings

import numpy as np
from sklearn.covariance import graphical_lasso

warnings.simplefilter("ignore")
R = """
library(glasso)
S <- as.matrix(read.table("{file}"))
g <- glasso(S, {penalty}, thr=1e-12, maxit=1e5, penalize.diagonal={diagonal})
write.table(format((g$wi + t(g$wi)) / 2, digits=17), "{file}.out", quote=FALSE, row.names=FALSE,
            col.names=FALSE)
"""


def objective(S, precision, penalty, diagonal):
    size = np.abs(precision).sum()
    if not diagonal:
        size -= np.abs(np.diag(precision)).sum()
    return -np.linalg.slogdet(precision)[1] + (S * precision).sum() + penalty * size


def r_glasso(S, penalty, diagonal):
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/S"
        np.savetxt(file, S, fmt="%.17g")
        script = R.format(file=file, penalty=penalty, diagonal="TRUE" if diagonal else "FALSE")
        subprocess.run(["Rscript", "-e", script], check=True, capture_output=True)
        return np.loadtxt(file + ".out")


def sklearn(S, penalty):
    return graphical_lasso(S, alpha=penalty, tol=1e-10, enet_tol=1e-12, max_iter=1000)[1]


rng = np.random.default_rng(5)
factors = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 10)) + rng.normal(size=(60, 10))
full = np.round(np.corrcoef(factors.T), 6)
scaled = np.round(full * np.outer(*[np.linspace(0.5, 2, 10)] * 2), 6)
few = rng.normal(size=(6, 8))
singular = np.corrcoef(few.T)

print("// Made by reference/make_reference.py.\n")
print("struct ReferenceProblem: Sendable {\n  let order: Int\n  let moments: [Double]\n"
      "  let penalty: Double\n  let penalisesDiagonal: Bool\n  let objective: Double\n"
      "  let peer: String\n}\n")
print("enum ReferenceValues {")
names = {"factors": full, "scaled": scaled, "singular": singular}
for name, S in names.items():
    print(f"  static let {name}: [Double] = [")
    for row in S:
        print("    " + ", ".join(repr(float(x)) for x in row) + ",")
    print("  ]\n")
print("  static let problems: [ReferenceProblem] = [")
for name, S in names.items():
    for penalty in (0.05, 0.1, 0.3):
        rows = [(True, r_glasso(S, penalty, True), "R glasso 1.11"),
                (False, r_glasso(S, penalty, False), "R glasso 1.11")]
        try:
            rows.append((False, sklearn(S, penalty), "scikit-learn 1.9.1"))
        except FloatingPointError:
            pass
        for diagonal, precision, peer in rows:
            value = objective(S, precision, penalty, diagonal)
            print(f"    ReferenceProblem(\n      order: {len(S)}, moments: {name}, "
                  f"penalty: {penalty}, penalisesDiagonal: {str(diagonal).lower()},\n"
                  f"      objective: {float(value)!r}, peer: \"{peer}\"),")
print("  ]\n}")
