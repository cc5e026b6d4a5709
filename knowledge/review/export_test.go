package review

// DraftOf makes the draft of feedback without a queue.
func DraftOf(f Feedback, o Outline) (string, error) {
	f, err := f.cleaned()
	if err != nil {
		return "", err
	}
	return write(&Case{ID: 1, Feedback: f}, o, Step{Who: "rui"})
}
