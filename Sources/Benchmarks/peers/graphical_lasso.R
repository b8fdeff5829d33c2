# One run of R's glasso: Rscript graphical_lasso.R FILE p PENALTY THRESHOLD DIAGONAL OUTPUT
#
# Prints the seconds; OUTPUT becomes the precision matrix and then the covariance matrix.
suppressMessages(library(glasso))
words <- commandArgs(TRUE)
p <- as.integer(words[2])
S <- matrix(readBin(words[1], "double", p * p), p, p)
time <- system.time(
  result <- glasso(S, as.numeric(words[3]), thr = as.numeric(words[4]), maxit = 10000,
                   penalize.diagonal = words[5] == "yes"))
writeBin(c(as.vector(result$wi), as.vector(result$w)), words[6])
cat(time[["elapsed"]], "\n")
