package qdranttest

import (
	"cmp"
	"encoding/hex"
	"strings"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// pointID is a number, or a UUID in its usual form.
type pointID struct {
	num  uint64
	uuid string
}

// compare puts numbers before UUIDs, each ascending: the order in which Qdrant scrolls.
func (a pointID) compare(b pointID) int {
	if (a.uuid == "") != (b.uuid == "") {
		return cmp.Compare(len(a.uuid), len(b.uuid))
	}
	return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.uuid, b.uuid))
}

func (a pointID) proto() *qdrant.PointId {
	if a.uuid != "" {
		return qdrant.NewIDUUID(a.uuid)
	}
	return qdrant.NewIDNum(a.num)
}

func readID(id *qdrant.PointId) (pointID, error) {
	switch v := id.GetPointIdOptions().(type) {
	case *qdrant.PointId_Num:
		return pointID{num: v.Num}, nil
	case *qdrant.PointId_Uuid:
		h := strings.ReplaceAll(strings.ToLower(v.Uuid), "-", "")
		if b, err := hex.DecodeString(h); err != nil || len(b) != 16 {
			return pointID{}, invalid("Unable to parse UUID: %s", v.Uuid)
		}
		return pointID{uuid: h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]}, nil
	}
	return pointID{}, invalid("No ID options provided")
}

func readIDs(in []*qdrant.PointId) ([]pointID, error) {
	out := make([]pointID, 0, len(in))
	for _, v := range in {
		id, err := readID(v)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// invalid is a request that Qdrant refuses because of what it says.
func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, "Wrong input: "+format, args...)
}

// unsupported is a request that Qdrant would serve and this server does not.
func unsupported(what string) error {
	return status.Error(codes.Unimplemented, "the test server has no "+what)
}
