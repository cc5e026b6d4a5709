package qdranttest

import (
	"math"
	"slices"

	"github.com/qdrant/go-client/qdrant"
)

// setVectors checks the vectors of a request against the collection and puts them into a point, as they are kept.
func (c *collection) setVectors(p *point, in *qdrant.Vectors) error {
	named := map[string]*qdrant.Vector{}
	switch v := in.GetVectorsOptions().(type) {
	case nil:
		return nil
	case *qdrant.Vectors_Vector:
		named[""] = v.Vector
	case *qdrant.Vectors_Vectors:
		named = v.Vectors.GetVectors()
	}
	for name, v := range named {
		if err := c.setVector(p, name, v); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) setVector(p *point, name string, v *qdrant.Vector) error {
	var dense []float32
	var sparse *qdrant.SparseVector
	switch k := v.GetVector().(type) {
	case *qdrant.Vector_Dense:
		dense = k.Dense.GetData()
	case *qdrant.Vector_Sparse:
		sparse = k.Sparse
	case nil: // the older form of the message
		if v.GetIndices() != nil { //nolint:staticcheck // a client may still send it
			sparse = &qdrant.SparseVector{Indices: v.GetIndices().GetData(), Values: v.GetData()} //nolint:staticcheck // as above
		} else {
			dense = v.GetData() //nolint:staticcheck // as above
		}
	default:
		return unsupported("multivectors and inference")
	}
	switch params, isDense := c.dense[name]; {
	case sparse != nil && c.sparse[name] != nil:
		s, err := readSparse(sparse)
		if err != nil {
			return err
		}
		p.sparse[name] = s
	case sparse == nil && isDense:
		if len(dense) != int(params.GetSize()) {
			return wrongSize(params, dense)
		}
		p.dense[name] = prepare(params, dense)
	case isDense || c.sparse[name] != nil:
		return invalid("Conversion between sparse and regular vectors failed")
	default:
		return unknownVector(name)
	}
	return nil
}

func wrongSize(params *qdrant.VectorParams, got []float32) error {
	return invalid("Vector dimension error: expected dim: %d, got %d", params.GetSize(), len(got))
}

func unknownVector(name string) error { return invalid("Not existing vector name error: %s", name) }

// readSparse checks a sparse vector and sorts it by index.
func readSparse(v *qdrant.SparseVector) (*qdrant.SparseVector, error) {
	if len(v.GetIndices()) != len(v.GetValues()) {
		return nil, invalid("Validation error in body: [values: must be the same length as indices]")
	}
	order := make([]int, len(v.GetIndices()))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if v.GetIndices()[a] < v.GetIndices()[b] {
			return -1
		}
		return 1
	})
	out := &qdrant.SparseVector{}
	for _, i := range order {
		dim := v.GetIndices()[i]
		if n := len(out.Indices); n > 0 && out.Indices[n-1] == dim {
			return nil, invalid("Validation error in body: [indices: must be unique]")
		}
		out.Indices, out.Values = append(out.Indices, dim), append(out.Values, v.GetValues()[i])
	}
	return out, nil
}

// prepare gives a vector as it is kept and compared: of length 1 for cosine, unless it has none.
func prepare(params *qdrant.VectorParams, v []float32) []float32 {
	out := slices.Clone(v)
	if params.GetDistance() != qdrant.Distance_Cosine {
		return out
	}
	var sum float32
	for _, x := range v {
		sum += x * x
	}
	n := float32(math.Sqrt(float64(sum)))
	if n < 1.1920929e-7 || math.Abs(float64(n)-1) <= 1e-6 { // a float's epsilon; near enough to 1 for a second normalising to change nothing
		return out
	}
	for i := range out {
		out[i] /= n
	}
	return out
}

// distance scores a prepared vector against a kept one. Only for Euclid and Manhattan less is better.
func distance(params *qdrant.VectorParams, a, b []float32) float32 {
	var sum float32
	for i := range a {
		switch params.GetDistance() {
		case qdrant.Distance_Euclid:
			sum += (a[i] - b[i]) * (a[i] - b[i])
		case qdrant.Distance_Manhattan:
			sum += float32(math.Abs(float64(a[i] - b[i])))
		default:
			sum += a[i] * b[i]
		}
	}
	if params.GetDistance() == qdrant.Distance_Euclid {
		return float32(math.Sqrt(float64(sum)))
	}
	return sum
}

func smallerIsBetter(d qdrant.Distance) bool {
	return d == qdrant.Distance_Euclid || d == qdrant.Distance_Manhattan
}

// idf is how Qdrant weighs an index that n of all vectors have.
func idf(all, n int) float32 {
	return float32(math.Log(float64((float32(all)-float32(n)+0.5)/(float32(n)+0.5) + 1)))
}
