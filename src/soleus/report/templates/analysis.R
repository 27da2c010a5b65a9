# What the analyses are made of, in base R; mixed models need lmerTest.

say <- function(what, est, se, df, level, ratio, p = 2 * pt(-abs(est / se), df), q = qt(0.5 + level / 2, df)) {
  out <- c(est, est - q * se, est + q * se)
  if (ratio) out <- exp(out)
  cat(sprintf("%s: %.6g (%.6g to %.6g), p = %.6g\n", what, out[1], out[2], out[3], p))
  invisible(c(out, p))
}

# A contrast of group means, each group with a spread of its own (Welch, Satterthwaite).
welch <- function(y, g, w) {
  m <- sapply(names(w), function(k) mean(y[g == k]))
  n <- sapply(names(w), function(k) sum(g == k))
  v <- sapply(names(w), function(k) var(y[g == k])) / n
  V <- sum(w^2 * v)
  list(est = sum(w * m), se = sqrt(V), df = V^2 / sum((w^2 * v)^2 / (n - 1)), parts = w^2 * v)
}

# One spread for all groups (Student).
pooled <- function(y, g, w, all = names(w)) {
  n <- sapply(all, function(k) sum(g == k))
  df <- sum(n) - length(all)
  s2 <- sum(sapply(all, function(k) sum((y[g == k] - mean(y[g == k]))^2))) / df
  m <- sapply(names(w), function(k) mean(y[g == k]))
  parts <- s2 * w^2 / n[names(w)]
  list(est = sum(w * m), se = sqrt(sum(parts)), df = df, parts = parts)
}

# Ratio (or odds ratio) of group totals; variance of each group by itself (HC2, Bell and McCaffrey).
totals <- function(total, size, g, w, shares) {
  est <- 0; parts <- c(); dfs <- c()
  for (k in names(w)) {
    y <- total[g == k]; n <- size[g == k]; N <- sum(n); p <- sum(y) / N
    b <- if (shares) p * (1 - p) else p
    h <- n / N; r2 <- (y - p * n)^2 / (1 - h)
    more <- if (shares) b * n * (n - 1) else (p * n)^2
    phi <- min(max((sum(r2) - sum(b * n)) / sum(more), 0), if (shares) 1 else 50)
    s <- b * n + phi * more
    A <- (diag(length(n)) - outer(h, rep(1, length(n)))) %*% diag(sqrt(s), length(n)) / sqrt(1 - h)
    M <- A %*% t(A)
    est <- est + w[[k]] * (if (shares) qlogis(p) else log(p))
    parts[k] <- w[[k]]^2 * sum(r2) / (N * b)^2
    dfs[k] <- sum(diag(M))^2 / sum(M^2)
  }
  V <- sum(parts)
  list(est = est, se = sqrt(V), df = V^2 / sum(parts^2 / dfs), parts = parts)
}

# Quasi-Poisson or quasi-binomial, groups alone or with blocks and covariates.
quasi <- function(f, d, w, shares, shown) {
  d <- droplevels(d)
  m <- if (shares) glm(f, quasibinomial, d) else glm(f, quasipoisson, d, offset = log(size))
  pick(m, w, shown)
}

# A contrast of the groups of a model whose formula begins with 0 + group.
pick <- function(m, w, shown) {
  b <- coef(m); L <- setNames(numeric(length(b)), names(b)); L[paste0("group", names(w))] <- w
  keep <- !is.na(b)
  list(est = sum(L[keep] * b[keep]), se = sqrt(drop(t(L[keep]) %*% vcov(m)[keep, keep] %*% L[keep])), df = m$df.residual)
}

# Rates or shares with blocks or covariates, robust (HC2) with Bell and McCaffrey's degrees of freedom.
robust_model <- function(f, d, w, shares) {
  m <- if (shares) glm(f, binomial, d, epsilon = 1e-12) else glm(f, poisson, d, offset = log(size), epsilon = 1e-12)
  X <- model.matrix(m); b <- coef(m); X <- X[, !is.na(b), drop = FALSE]; b <- b[!is.na(b)]
  L <- setNames(numeric(length(b)), names(b)); L[paste0("group", names(w))] <- w
  mu <- if (shares) fitted(m) * d$size else fitted(m)
  V <- if (shares) mu * (1 - fitted(m)) else mu
  B <- solve(t(X * V) %*% X); H <- V * X %*% B %*% t(X); h <- pmin(pmax(diag(H), 0), 1)
  free <- h < 1 - 1e-9; pull <- drop(X %*% B %*% L)^2
  r2 <- ifelse(free, (d$total - mu)^2 / ifelse(free, 1 - h, 1), 0)
  more <- if (shares) V * (d$size - 1) else mu^2
  phi <- min(max(0, sum((r2 - V)[free]) / sum(more[free])), if (shares) 1 else 50)
  sc <- sqrt(ifelse(free, pull / ifelse(free, 1 - h, 1), 0))
  A <- sc * (diag(length(h)) - H) %*% diag(sqrt(V + phi * more)); M <- A %*% t(A)
  list(est = sum(L * b), se = sqrt(sum(pull * r2)), df = sum(diag(M))^2 / sum(M^2))
}

# A linear mixed model by REML, Satterthwaite or Kenward-Roger.
mixed <- function(f, d, w, prefix = "group", ddf = "Satterthwaite") {
  m <- suppressMessages(lmerTest::lmer(f, d, control = lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-10))))
  b <- lme4::fixef(m); L <- setNames(numeric(length(b)), names(b)); L[paste0(prefix, names(w))] <- w
  s <- lmerTest::contest1D(m, L, ddf = ddf)
  list(est = s[["Estimate"]], se = s[["Std. Error"]], df = s[["df"]])
}

# The chance that all |t| against one control are below c (l: roots of the control's shares of the variances).
inside <- function(c, df, l) {
  outer_part <- function(s) vapply(s, function(s1) integrate(function(z) {
    p <- dnorm(z)
    for (a in l) p <- p * (pnorm((c * s1 - a * z) / sqrt(1 - a^2)) - pnorm((-c * s1 - a * z) / sqrt(1 - a^2)))
    p
  }, -8, 8, rel.tol = 1e-9)$value * 2 * df * s1 * dchisq(df * s1^2, df), 0)
  ends <- sqrt(c(qchisq(1e-12, df), qchisq(1e-12, df, lower.tail = FALSE)) / df)
  integrate(outer_part, ends[1], ends[2], rel.tol = 1e-8, subdivisions = 500)$value
}

many_to_one_pooled <- function(what, one, l, level, ratio) say(what, one$est, one$se, one$df, level, ratio,
  p = 1 - inside(abs(one$est / one$se), one$df, l),
  q = uniroot(function(c) inside(c, one$df, l) - level, c(0.5, 60), tol = 1e-9)$root)

# The chance that no contrast has a single p value below p: one control's mean, spreads independent of each other.
none_below <- function(p, df, l) {
  z <- seq(-8, 8, length.out = 161); all <- dnorm(z) * (z[2] - z[1])
  for (k in seq_along(l)) {
    c <- qt(p / 2, df[k], lower.tail = FALSE); v <- df[k]; r <- sqrt(1 - l[k]^2)
    ends <- sqrt(c(qchisq(1e-12, v), qchisq(1e-12, v, lower.tail = FALSE)) / v)
    all <- all * sapply(z, function(z1) integrate(function(s) 2 * v * s * dchisq(v * s^2, v) *
      (pnorm((c * s - l[k] * z1) / r) - pnorm((-c * s - l[k] * z1) / r)), ends[1], ends[2],
      rel.tol = 1e-9, subdivisions = 500)$value)
  }
  sum(all)
}

many_to_one <- function(what, one, df, l, level, ratio) {
  a <- exp(uniroot(function(x) none_below(exp(x), df, l) - level, log(c(1e-4, 0.5)), tol = 1e-9)$root)
  say(what, one$est, one$se, one$df, level, ratio,
    p = 1 - none_below(2 * pt(-abs(one$est / one$se), one$df), df, l), q = qt(a / 2, one$df, lower.tail = FALSE))
}

all_pairs <- function(what, one, k, level, ratio) say(what, one$est, one$se, one$df, level, ratio,
  p = ptukey(abs(one$est / one$se) * sqrt(2), k, one$df, lower.tail = FALSE), q = qtukey(level, k, one$df) / sqrt(2))

# A group without any cell: exact permutation p value, and the upper bound of the ratio by inversion.
none_at_all <- function(what, total, size, treated, level) {
  r <- total - sum(total) / sum(size) * size
  every <- combn(length(total), sum(treated), function(k) abs(sum(r[k])))
  p <- mean(every >= abs(sum(r[treated])) * (1 - 1e-9) - 1e-9)
  z <- sum(treated); other <- total[!treated]
  chance <- function(rho) {
    e <- 1
    for (c in other) { g <- (1 - rho)^c; e <- c(e * (1 - g), 0) + c(0, e * g) }
    sum(e * choose(z + seq_along(e) - 1, z)) / choose(length(other) + z, z)
  }
  high <- uniroot(function(rho) chance(rho) - (1 - level) / 2, c(0, 1), tol = 1e-10)$root
  cat(sprintf("%s: 0 (0 to %.6g), p = %.6g\n", what, high, p))
}
