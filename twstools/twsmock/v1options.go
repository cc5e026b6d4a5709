package twsmock

// BaseV1 is where the older interface lives. The newer one lies below it, at Base.
const BaseV1 = "/twsd"

// Dialects says which generations of the interface the mock speaks.
type Dialects int

// The combinations that exist: V2 came with the first fix pack of 10.1 and lives beside V1; 9.4 and 9.5 have V1 alone. No engine has V2
// alone, but a site may let nothing else through its proxy. A path of the dialect that is not spoken is 404.
const (
	BothDialects Dialects = iota
	OnlyV2
	OnlyV1
)

// V1Options choose how the older interface is read where nothing that was seen of it decides. The zero value is the likelier reading of each.
type V1Options struct {
	// OneRowPerJob lists each job once, as its last run. Else a job with reruns has one row for each run, the last of them marked
	// lastInRerunChain: the interface has run id, job number, kind of rerun and that mark on the job itself, a filter by the mark, which
	// the vendor's own sample uses to find the run that can be rerun, and a header (Context-JobHistoryScope: 1) that asks for the last
	// one only.
	OneRowPerJob bool
	// NoMirror is an engine whose plan is not copied into the database: Query-PageSize and Query-PageNumber are refused with 400.
	NoMirror bool
	// PlainTimes writes instants as the interface's description says, to the second and without a zone. Else they carry milliseconds
	// and Z, which is what programs in use take apart.
	PlainTimes bool
	// PredecessorsAsNode answers a job's predecessors with that job as a node that names their ids, which is the type that the
	// interface declares. Else they are a list of nodes, which is the only thing that its How-Many makes sense for.
	PredecessorsAsNode bool
	// FolderInName writes a workstation's name with its folder in front, outside the root folder. Else the name is bare, and the folder
	// stands beside it in folderKey.
	FolderInName bool
}
