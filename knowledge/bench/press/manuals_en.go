package press

// english are the manuals in English. They are called by Manuals.
func english() []Manual {
	return []Manual{plannerManual(), agentManual(), networkManual(), storeManual(), bridgeManual(), eventManual()}
}

func plannerManual() Manual {
	return Manual{
		Document: "zikra/planner-messages.md", Title: "Zikra Planner: messages of the planner", Language: "en", Prefix: "ZKPLN", Layout: headings, first: 10,
		Intro: "The planner turns definitions into the plan of the day. It writes these messages to planner.log and, when a person started it, to that person's console. " +
			"The letter at the end of an id is its severity: E for an error that stops what was asked, W for a warning after which work goes on, I for information.",
		Subjects: []subject{
			{"run cycle", "Run cycles", "in the scheduling view of the stream", "RunCycleLimit", "the stream is not generated for the days the cycle names"},
			{"calendar", "Calendars", "in the calendar library", "CalendarHorizon", "all streams that count working days are generated without it"},
			{"stream definition", "Stream definitions", "in the definition store under its folder", "StreamNameLength", "the stream is left out of tomorrow's plan"},
			{"job definition", "Job definitions", "in the definition store under its folder", "JobNameLength", "streams that hold the job are generated with a gap"},
			{"prompt definition", "Prompts", "in the list of global prompts", "PromptTextLength", "jobs behind the prompt are released without a question"},
			{"variable table", "Variable tables", "in the list of variable tables", "VariableDepth", "names in carets stay as they are written in the job's command"},
			{"resource definition", "Resources", "in the definition of its workstation", "ResourceUnits", "jobs that need units run without waiting for one another"},
			{"workstation pool", "Workstation pools", "in the topology view", "PoolMembers", "jobs of the pool wait without a place to run"},
			{"event rule", "Event rules", "in the rule editor", "RuleActions", "what should happen by itself has to be done by a person"},
			{"trial plan", "Trial plans", "in the forecast folder of the planner", "TrialDays", "the forecast for the coming days shows what was true yesterday"},
		},
		Faults: []fault{
			{"E", "The $s \"name\" was asked for but is not there.", "A definition refers to a $s by its name, and no object of that name exists $w. It was renamed or deleted after the reference was written, or the reference has a spelling that differs in upper and lower case.",
				"The planner goes on without it, so $d.", "Search $w for a name that is nearly the same. Correct the reference and generate the plan again, or put the deleted $s back from last night's export."},
			{"E", "The $s is being edited by another user and cannot be saved.", "Somebody opened the $s for editing $n minutes ago and neither saved nor closed it. A lock of this kind outlives the session that took it when the browser was closed without signing off.",
				"Your version is kept as a draft. What is $w does not change.", "Ask the user who is named in the message. When that person is gone, an administrator releases the lock with 'zkadm unlock'; the draft of the other one is lost by that."},
			{"W", "The name of the $s has more characters than $p allows.", "The setting $p holds names to $n characters. Agents of older versions cut longer ones without a word, and two names may become one.",
				"The $s is stored but not sent to agents of version 4 and below.", "Choose a shorter name. Raise $p only when no agent of version 4 is left in the network."},
			{"E", "The $s depends on itself through a chain of $n objects.", "Following the references from the $s one comes back to it. Such a circle has no first member, so nothing in it could ever begin.",
				"The whole circle is left out of the plan; $d.", "Print the chain with 'zkplan trace'. Take one reference out of it, as a rule the one that was added last, and check the definitions again."},
			{"W", "The $s is no longer valid since its end date has passed.", "The end date that was entered $w lies $n days back. Objects stay visible after their end so that old plans can be read.",
				"The planner treats the $s as if it were empty; $d.", "Enter a new end date if it is still needed. Otherwise remove the references so that this warning does not hide others."},
			{"E", "You have no right to change the $s.", "The access list of its folder gives your role to display but not to modify. Rights are read at sign-on; one that was given to you within the last $n minutes counts from your next session.",
				"Nothing is changed.", "Ask the owner of the folder for the right 'modify' on the $s, sign off and on again, and repeat the change."},
			{"W", "The checksum of the $s differs from the one in the plan.", "The $s was changed after the plan was generated. What runs today is the older version, although the editor shows the newer one.",
				"The plan is not touched. The newer version counts from the next generation on.", "Do nothing if tomorrow is early enough. To have the change today, submit the stream by hand after checking what else would start."},
		},
	}
}

func agentManual() Manual {
	return Manual{
		Document: "zikra/agent-messages.md", Title: "Zikra Planner: messages of the agent", Language: "en", Prefix: "ZKAGT", Layout: bold, first: 100,
		Intro: "The agent starts jobs on a machine and reports how they end. Its messages are in agent.log below the agent's folder and in the output of the job they belong to. " +
			"A job that could not be started at all has no output of its own; look in agent.log for the minute of the attempt.",
		Subjects: []subject{
			{"working folder of the job", "Working folders", "below the home of the account the job runs under", "workFolder", "the command is not started"},
			{"output file of the job", "Output files", "in the spool below the agent's folder", "spoolPath", "nobody can read what the job printed"},
			{"access method script", "Access methods", "in the methods folder of the agent", "methodPath", "jobs of that application cannot be launched"},
			{"return code table", "Return code tables", "beside the job's definition", "rcTable", "every code other than zero counts as a failure"},
			{"impersonation account", "Accounts", "in the account vault of the machine", "runAs", "jobs that name the account end before they begin"},
			{"environment file", "Environment files", "in the profile folder of the agent", "envFile", "the command runs without its variables"},
			{"update package", "Updates of the agent", "in the download folder", "updatePath", "the agent stays at the version it has"},
		},
		Faults: []fault{
			{"E", "The $s cannot be opened.", "The path that $p names does not lead anywhere, or a part of it is a mount that is not there yet. The $s should be $w.",
				"The attempt is counted as a failure with code $n, and $d.", "Log on to the machine under the same account and open the path by hand. Correct $p or mount the file system, then run the job again."},
			{"E", "Permission was denied for the $s.", "The account has no right on the $s, or a security module of the operating system forbids it although the rights look well. The agent itself runs under another account, so what you can read need not be readable for the job.",
				"The agent does not try a second time; $d.", "Compare owner and mode with a machine on which it works. Look in the system's audit log for a denial within the same $n seconds."},
			{"E", "No space is left for the $s.", "The file system that holds the $s is full, or the account's quota is used up. The agent needs $n megabytes beyond the size of what it writes.",
				"What was written so far is kept and cut short; $d.", "Free space where the $s lies, oldest spool folders first. Do not delete files of jobs that still run."},
			{"W", "Access to the $s took longer than $n seconds.", "The medium answered, but slowly. Network file systems do this when their server is busy or when a lock has to be waited for.",
				"The job waits. If the time passes twice more, $d.", "Look at the load of the file server. Raise the limit beside $p only after the cause is known."},
			{"E", "The $s was made for another version.", "The first line of the $s carries a version that this agent does not understand. Mixed versions appear when an update stopped half way.",
				"The $s is ignored; $d.", "Run the update to its end or put back the older one. The agent prints its own version with 'zkagent -v'."},
			{"W", "Line $n of the $s cannot be understood.", "The $s has a line that is neither a comment nor of the form name=value. A carriage return at the end of a line, left by an editor of another system, is the usual reason.",
				"The line is skipped and the rest is used.", "Correct the line $w. Convert the file's line ends if every line is reported."},
		},
	}
}

func networkManual() Manual {
	return Manual{
		Document: "zikra/network-messages.md", Title: "Zikra Planner: messages of the network layer", Language: "en", Prefix: "ZKNET", Layout: table, first: 200,
		Intro: "Everything that manager and agents tell each other passes the network layer. Its messages name the other side by its node name, not by address. " +
			"When several appear within a second, the first one in time is the cause and the others follow from it.",
		Subjects: []subject{
			{"command connection", "Command connections", "on port 41210", "cmdPort", "jobs are not sent to the node"},
			{"mailbox link", "Mailbox links", "on port 41211", "boxPort", "the ends of jobs are reported late"},
			{"event channel", "Event channels", "on port 41212", "eventPort", "event rules do not fire"},
			{"web gateway", "Web gateways", "on port 41443", "webPort", "people cannot sign on while jobs run on"},
			{"standby link", "Standby links", "on port 41213", "standbyPort", "the standby manager falls behind the plan"},
			{"file transfer channel", "File transfer channels", "on port 41214", "transferPort", "files of finished jobs stay where they are"},
			{"licence connection", "Licence connections", "on port 41215", "licencePort", "new agents are not admitted"},
		},
		Faults: []fault{
			{"E", "The $s was refused by the other side.", "Nobody listens $w there. The service is stopped, or a firewall answers in its place.", "While this lasts, $d. A new attempt is made every $n seconds.", "Start the service on the other side and see that $p is the same on both."},
			{"E", "The certificate shown on the $s has expired.", "Its end date has passed, by the clock of this machine. A clock that is wrong by more than a day gives the same message.", "The $s is closed; $d.", "Renew the certificate with 'zkcert renew' or correct the clock. Certificates are valid for $n weeks."},
			{"E", "The $s ended during the handshake.", "Both sides offer no cipher in common, or one speaks plain text to an encrypted port.", "After $n attempts the node is marked as unreachable; $d.", "Compare the setting 'security' of both sides. An agent below version 5 needs 'legacy' there."},
			{"W", "The $s was reset after it had been quiet.", "A device between the two drops connections that carry nothing for $n minutes.", "The connection is made anew at once. Until then $d.", "Set 'keepalive' to half of the device's limit."},
			{"E", "The node name of the $s cannot be resolved.", "The name server does not know the node, or gave an address that is no longer its own.", "The last known address is used for $n minutes, then $d.", "Ask the name server by hand on this very machine. Remove a stale line from the hosts file."},
			{"W", "The queue of the $s is $n percent full.", "More is put in than the other side takes out. A node that was away for hours causes this while it catches up.", "Nothing is lost yet. At one hundred percent $d.", "Wait if the figure falls. If it rises, look for the node that reads nothing and unlink it."},
		},
	}
}

func storeManual() Manual {
	return Manual{
		Document: "zikra/store-messages.md", Title: "Zikra Planner: messages of the store", Language: "en", Prefix: "ZKDBS", Layout: definitions, first: 300,
		Intro: "The store keeps definitions, the plan and what was. It is a database that the manager alone talks to. A message of the store often follows one of the database, " +
			"which has its own number; note both before you call for help.",
		Subjects: []subject{
			{"plan table", "The plan", "in the table space ZKPLAN", "planRows", "no job changes its state on the screens"},
			{"history table", "History", "in the table space ZKHIST", "historyDays", "run times of earlier days are missing and estimates are poor"},
			{"statistics table", "Statistics", "in the table space ZKSTAT", "statRows", "the dashboard shows its last figures"},
			{"audit table", "Audit", "in the table space ZKAUD", "auditDays", "changes by people are refused, since they could not be recorded"},
			{"lock table", "Locks", "in the table space ZKLOCK", "lockWait", "two people may change one definition at a time"},
			{"forecast table", "Forecasts", "in the table space ZKFORE", "forecastDays", "the planned times of tomorrow are blank"},
		},
		Faults: []fault{
			{"E", "A deadlock was found while writing to the $s.", "Two sessions each hold rows of the $s that the other needs. The database chose this one as the victim.", "The write is undone and tried again up to $n times. If all fail, $d.", "Nothing for a single message. For several in an hour look for a report that reads the $s with long transactions."},
			{"E", "There is no room left for the $s.", "What is kept $w has grown to its limit; a clean-up that did not run since $n days is the usual reason.", "Writes are refused. From now on $d.", "Extend the table space, then run 'zkstore trim' with the number of days in the parameter that belongs to it."},
			{"E", "An index of the $s is damaged.", "A search through the index and one through the rows disagree by $n rows. A machine that lost power while it wrote leaves this behind.", "The index is not used, and searches are slow. Results stay right.", "Build the index again in a quiet hour with 'zkstore reindex'. Have the disk's log looked at."},
			{"E", "The $s is of an older layout than this program.", "The migration that belongs to this version was not applied to the $s, or stopped at step $n.", "The manager does not start.", "Run 'zkstore migrate'. It begins at the step at which it stopped; restore nothing before you have tried."},
			{"W", "A query on the $s took $n seconds.", "The statement is printed in store.log. Statistics that are older than the last large load mislead the database in its choice of a way.", "The result is used. If every query is as slow, $d.", "Have the statistics of the $s gathered. Lower $p if the table has grown for years."},
			{"W", "A row of the $s that others refer to is gone.", "The row with number $n was removed by something other than this program, most often a clean-up by hand.", "The reference is shown as unknown.", "Do not repair it by hand. 'zkstore check' lists all of them and offers to close the references."},
		},
	}
}

func bridgeManual() Manual {
	return Manual{
		Document: "zikra/bridge-messages.md", Title: "Zikra bridge: messages towards other schedulers", Language: "en", Prefix: "AWSQZK", Layout: bare, first: 0,
		Intro: "The bridge lets Zikra Planner and another scheduler wait for each other's jobs. Its messages appear in the log of the other one and therefore have the form that one expects.",
		Subjects: []subject{
			{"shadow job", "Shadow jobs", "in the stream that waits", "shadowPoll", "the job that waits stays where it is"},
			{"remote stream", "Remote streams", "in the other scheduler's plan", "remoteFolder", "its end is never learned"},
			{"bridge account", "Accounts of the bridge", "in the vault of the other side", "bridgeUser", "no question to the other side is answered"},
			{"binding request", "Binding requests", "in the outbox of the bridge", "bindWindow", "no run of the other side is chosen"},
			{"status notice", "Status notices", "in the inbox of the bridge", "noticeAge", "what is shown may be older than it looks"},
		},
		Faults: []fault{
			{"E", "The $s matches more than one run of the other side.", "Within the window of $n hours there are several runs that fit. The bridge does not guess which one is meant.", "It stays unbound; $d.", "Make the window of $p narrower or name the run's start time."},
			{"E", "The $s was rejected because its plan has been replaced.", "The other side began its new day between the question and the answer, and old numbers no longer count.", "A new one is sent after $n seconds.", "Wait for three attempts. If it is still rejected, bind it by hand to the run of the new day."},
			{"W", "The $s is held until the other side's clock agrees.", "The clocks differ by more than $n seconds. Times of one side would be wrong on the other.", "For as long as this lasts $d.", "Correct the clock of the machine that is wrong. Do not raise the allowance."},
			{"E", "The $s uses a dialect that this bridge does not speak.", "The other side was updated and answers in a form from after this bridge was made.", "The answer is kept in the dump folder; $d.", "Install the bridge that belongs to the newer version, number $n or later."},
			{"W", "The $s was answered by a copy and not by the manager.", "The standby of the other side answered. It may lag behind by up to $n minutes.", "The answer is used and marked as second hand.", "None if the switch was planned. Otherwise find out why the manager of the other side is away."},
			{"I", "The $s was closed by an operator.", "Somebody on the other side ended it by command. The name is in the audit of that side.", "It is treated as ended well, after $n seconds.", "Tell the owner of the waiting stream, since the work itself may not have been done."},
		},
	}
}

func eventManual() Manual {
	return Manual{
		Document: "scans/zikra-events.md", Title: "Messages of the event processor", Language: "en", Prefix: "ZKEVT", Layout: headings, first: 600, Head: "Zikra Planner Reference",
		Intro: "The event processor watches files, jobs and messages and acts when a rule is fulfilled. It writes to events.log on the machine on which it runs, which need not be the manager.",
		Subjects: []subject{
			{"file condition", "File conditions", "in the condition part of a rule", "fileScan", "nobody notices that the file came"},
			{"job condition", "Job conditions", "in the condition part of a rule", "jobScan", "late jobs are found by the telephone only"},
			{"correlation window", "Correlation windows", "in the timing part of a rule", "windowLength", "two halves of one event are taken for two"},
			{"mail action", "Mail actions", "in the action part of a rule", "mailRelay", "the person on duty is not told"},
			{"command action", "Command actions", "in the action part of a rule", "actionUser", "the correction that should start by itself does not"},
			{"ticket action", "Ticket actions", "in the action part of a rule", "ticketServer", "no incident is opened"},
			{"message filter", "Message filters", "in the inbox of the processor", "filterDepth", "the screens fill with messages that nobody needs"},
			{"heartbeat event", "Heartbeats", "in the table of agents", "beatInterval", "an agent that died looks alive"},
		},
		Faults: []fault{
			{"E", "The $s cannot be deployed.", "The rule was saved but the processor refused it, since its part $n names something that does not exist on that machine.", "The rule stays in state 'draft' and $d.", "Open the rule, read the line under its name, correct the part and deploy it again."},
			{"W", "The $s was fulfilled $n times within a minute.", "What is watched flaps. Only the first time is acted upon, so that nobody is flooded.", "The others are counted and dropped.", "Look for a program that creates and removes the same thing again and again."},
			{"E", "The $s lost its connection to the processor.", "The agent that evaluates it was restarted, and what happened in the $n seconds between is unknown.", "Until the connection is back $d.", "Check by hand what may have happened in that time. Restart the agent if it does not come back."},
			{"W", "The $s was not evaluated for $n minutes.", "The processor has more rules than it can serve in one round.", "Events are seen late, and in the end $d.", "Move rules to a second processor or make them look less often with $p."},
			{"E", "The $s names a variable that has no value.", "In the text of the $s a name in carets was found that neither the event nor the variable tables know.", "Nothing is done for this event: $d.", "Correct the name. Names of event attributes are written with a dot between provider and attribute."},
			{"I", "The $s was suspended from the console.", "An operator suspended the rule for $n minutes, as one does before planned work.", "Events in this time are kept in the history but not acted upon.", "None. It resumes by itself; 'zkevent resume' does so at once."},
			{"E", "The $s ended with an error of the system it was handed to.", "The other system answered, and refused. Its own words are in the second line of the message.", "It is tried again after $n seconds, three times; then $d.", "Solve it in the other system. The setting $p says how it is reached and with which account."},
		},
	}
}
