# Objectives that R's JGL 2.3.2 reaches, as JointReferenceValues.swift.
#
#     Rscript make_joint_reference.R FOLDER-OF-ITS-SOURCES > ../JointReferenceValues.swift
for (file in list.files(commandArgs(TRUE)[1], full.names = TRUE)) source(file)
suppressWarnings(try(library(igraph), silent = TRUE))
set.seed(3)
p <- 8; K <- 3
base <- matrix(rnorm(p * 2), 2)
Y <- lapply(1:K, function(k) {
  n <- 30 + 10 * k
  matrix(rnorm(n * 2), n) %*% (base + 0.3 * matrix(rnorm(p * 2), 2)) + matrix(rnorm(n * p), n)
})
Y <- lapply(Y, function(y) scale(y, scale = FALSE))
n <- sapply(Y, nrow)
S <- lapply(1:K, function(k) crossprod(Y[[k]]) / n[k])
objective <- function(theta, S, weights, kind, l1, l2) {
  value <- 0
  for (k in seq_along(S)) value <- value + weights[k] * (
    -as.numeric(determinant(theta[[k]])$modulus) + sum(S[[k]] * theta[[k]]))
  off <- row(S[[1]]) != col(S[[1]])
  for (k in seq_along(S)) value <- value + l1 * sum(abs(theta[[k]])[off])
  if (kind == "group") value <- value + l2 * sum(sqrt(Reduce(`+`, lapply(theta, `^`, 2)))[off])
  else for (k in seq_along(S)) for (l in seq_len(k - 1))
    value <- value + l2 * sum(abs(theta[[k]] - theta[[l]]))
  value
}
number <- function(x) format(x, digits = 17)
cat("// Made by reference/make_joint_reference.R.\n\n")
cat("struct JointReferenceProblem: Sendable {\n  let tasks: Int\n  let isFused: Bool\n",
    " let sparsity: Double\n  let similarity: Double\n  let weights: [Double]\n",
    " let objective: Double\n}\n\nenum JointReferenceValues {\n  static let order = 8\n",
    " static let moments: [[Double]] = [\n", sep = " ")
for (s in S) cat("    [", paste(sapply(s, number), collapse = ", "), "],\n", sep = "")
cat("  ]\n\n  static let problems: [JointReferenceProblem] = [\n")
for (kind in c("group", "fused")) for (tasks in 2:3) for (l in list(c(0.05, 0.05), c(0.2, 0.1), c(0.02, 0.4)))
  for (weighted in c(FALSE, TRUE)) {
    w <- if (weighted) n[1:tasks] / sum(n[1:tasks]) else rep(1, tasks)
    out <- admm.iters(Y[1:tasks], l[1], l[2], penalty = kind, rho = 1, weights = w,
                      penalize.diagonal = FALSE, maxiter = 20000, tol = 1e-13)
    value <- objective(out$Z, S[1:tasks], w, kind, l[1], l[2])
    cat("    JointReferenceProblem(\n      tasks: ", tasks, ", isFused: ",
        if (kind == "fused") "true" else "false", ", sparsity: ", l[1], ", similarity: ", l[2],
        ",\n      weights: [", paste(sapply(w, number), collapse = ", "), "],\n      objective: ",
        number(value), "),\n", sep = "")
  }
cat("  ]\n}\n")
