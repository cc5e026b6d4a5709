package stats

import "math"

// Interval is a 95 % interval of a share, or of a difference of shares.
type Interval struct{ Low, High float64 }

// level is what all intervals leave out on each side.
const level = 0.025

// z is the normal quantile to level.
const z = 1.959963984540054

// Wilson is the score interval of pass in n (E. B. Wilson, JASA 22, 1927; method 3 of R. G. Newcombe, Statistics in Medicine 17, 1998), as if
// all n were independent. Pass may be a sum of shares. Nothing known (n = 0) is 0 to 1.
func Wilson(pass, n float64) Interval {
	if n <= 0 {
		return Interval{0, 1}
	}
	p := pass / n
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	// At the ends rounding may leave the share itself a hair outside.
	return Interval{min(p, max(0, mid-half)), max(p, min(1, mid+half))}
}

// ClusteredSE is the standard error of the mean of shares when those of one family belong together: the sums of the deviations of each family,
// squared, with the factor G/(G-1) for few families (E. Miller, "Adding Error Bars to Evals", arXiv 2411.00640, 2024, formula 4; the factor as
// in inspect_ai's stderr with a cluster). It is NaN for fewer than two families, of which nothing can be said.
func ClusteredSE(shares []float64, family []string) float64 {
	sums, mean, n := map[string]float64{}, average(shares), float64(len(shares))
	order := make([]string, 0, len(shares))
	for i, x := range shares {
		if _, ok := sums[family[i]]; !ok {
			order = append(order, family[i])
		}
		sums[family[i]] += x - mean
	}
	g := float64(len(order))
	if g < 2 {
		return math.NaN()
	}
	total := 0.0
	for _, f := range order { // in a fixed order: the last bits of a sum depend on it
		total += sums[f] * sums[f]
	}
	return math.Sqrt(total*g/(g-1)) / n
}

// Clustered is the interval of the mean of shares by family: Wilson's at the effective number of questions p(1-p)/SE², which is at most their
// number, times (t(n-1)/t(G-1))² for few families. That is the effective sample size of E. L. Korn and B. I. Graubard (Survey Methodology 24,
// 1998) in the score interval, which stays within 0 and 1 where mean ± t·SE does not. Where all or none are right the SE is 0 and proves
// nothing; each family then counts as one question. Fewer than two families prove nothing at all: 0 to 1.
func Clustered(shares []float64, family []string) Interval {
	n, g := float64(len(shares)), float64(count(family))
	se := ClusteredSE(shares, family)
	if math.IsNaN(se) {
		return Interval{0, 1}
	}
	p := average(shares)
	effective := n
	switch {
	case p <= 0 || p >= 1:
		effective = g
	case se > 0:
		effective = min(n, p*(1-p)/(se*se))
	}
	ratio := student(n-1) / student(g-1)
	effective *= ratio * ratio
	return Wilson(p*effective, effective)
}

func average(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

func count(names []string) int {
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	return len(seen)
}

// student is the quantile of Student's t at 1-level, found by halving.
func student(df float64) float64 {
	low, high := 0.0, 1000.0
	for range 80 {
		mid := (low + high) / 2
		if tail := beta(df/(df+mid*mid), df/2, 0.5) / 2; tail > level {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// beta is the regularised incomplete beta function I_x(a, b), by its continued fraction (NIST Handbook of Mathematical Functions, 8.17.22),
// evaluated by Lentz's method.
func beta(x, a, b float64) float64 {
	if x <= 0 || x >= 1 {
		return max(0, min(1, x))
	}
	if x > (a+1)/(a+b+2) {
		return 1 - beta(1-x, b, a)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	f, c, d := 1.0, 1.0, 0.0
	for i := range 500 {
		m, step := float64(i/2), 1.0
		switch {
		case i > 0 && i%2 == 0:
			step = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		case i > 0:
			step = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = away(1+step*d, tiny)
		d = 1 / d
		c = away(1+step/c, tiny)
		f *= c * d
		if i > 0 && math.Abs(1-c*d) < 1e-14 {
			break
		}
	}
	return front * (f - 1)
}

// away keeps a divisor from being 0.
func away(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
