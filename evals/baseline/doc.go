// Package baseline holds the dumb answerers that are asked the same questions as the program, so that a score can be read: what is right by
// luck, by habit or by looking at a log alone is no merit. They see the world and the question and never the gold, and each is as good as its
// one idea allows: its answers have the contract's form, name things as an operator does, speak the question's language, and quote only what
// stands in the world. Where one of them reaches more than its bound in a slice, the questions of that slice can be answered without
// understanding, and it is the questions that must become better.
//
// B0 always says that it cannot tell, names what the question names, and lists every source as unseen. Its share is that of the questions
// where giving up is right. What it gains beyond that is a judge who takes any list of what is missing.
//
// B1 blames the job that ended badly first, with the kind of cause that is most common in the suite. It looks at nothing but the status, and
// finds no problem where nothing has ended badly. Its share in a slice of problems says how well they can be guessed; in a slice of healthy
// worlds it says how many of them hold no red job that has nothing to do with the question.
//
// B2 blames four jobs at once: those that ended badly, then those that run, then those that wait. It must get nothing: whoever names many things
// to have the right one among them has not answered.
//
// B3 gives the question back: it blames what the question names, of what the question's words suggest. Its share is that of the questions that
// hold their own answer, and of false premises that the judge lets pass.
//
// B4 quotes the last line of a log under the named job, or under the job that ended badly first. Its share says whether the decisive line is
// simply the last one, and whether a quote that stands is taken for a quote that proves.
//
// B5 reads the log of the job that the question names, describes, or whose stream it names, by a list of signs of its own: a decent analyst of
// logs. It gives the kind, the line with its number, the fix, the rerun after it, and who waits in the same stream. It finds no problem where the
// job has ended well, and cannot tell where there is no log. It never looks at what waits for what beyond the job's own stream, at other logs, at
// history, resources, files, prompts or workstations. What the program reaches above B5 is what it gains from understanding the plan.
//
// B6 asks a language model that has no tools and sees the question alone. Its share is what a model knows or guesses of the suite without looking:
// one that lies above the other baselines' means that the suite is known to it.
//
// All but B6 are deterministic and cannot fail but for an ended context. Each answer says in its usage and tool calls what its idea would have
// read; nothing reaches an engine. Every answerer is safe for concurrent use. Start at All.
package baseline
