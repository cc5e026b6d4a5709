package main
import ("bufio";"encoding/json";"fmt";"os";"time"
"github.com/resync-hwa/resync/evals/plant";"github.com/resync-hwa/resync/evals/score";"github.com/resync-hwa/resync/evals/suite";"github.com/resync-hwa/resync/twstools/answer";"github.com/resync-hwa/resync/twstools/world")
func main(){
 s,err:=suite.Load(os.DirFS("evals")); if err!=nil{panic(err)}
 plants:=map[string]*plant.Plant{}
 golds:=map[string]suite.Scenario{}
 for _,sc:=range s.Scenarios{golds[sc.ID]=sc; k:=sc.World.AsOf.String(); if plants[k]==nil{w,_:=world.Demo(sc.World.AsOf); plants[k],_=plant.New(w)}; for _,x:=range score.LintGold(sc.Gold,plants[k]){fmt.Println("LINT",sc.ID,x)}}
 f,_:=os.Open("/tmp/wt-scorer-out/results.jsonl"); sc:=bufio.NewScanner(f); sc.Buffer(nil,1<<24)
 t0:=time.Now(); n:=0; ok:=0
 for sc.Scan(){ var r struct{Scenario,Question string; Answer answer.Answer; Requests map[string]int}; if json.Unmarshal(sc.Bytes(),&r)!=nil||r.Scenario==""{continue}
  g:=golds[r.Scenario]; var q suite.Question; for _,x:=range g.Ask{if x.ID==r.Question{q=x}}
  res,err:=score.Score(score.Input{Gold:g.Gold,Question:q,Plant:plants[g.World.AsOf.String()],Answer:r.Answer,Requests:5}); if err!=nil{panic(err)}
  n++; if res.Pass{ok++}
  for _,c:=range res.Failed(){fmt.Println(r.Scenario,r.Question,c.Name,"|",c.Reason)}
  if len(os.Args)>1{fmt.Println(r.Scenario,r.Question,res.Pass,res.Score,res.Near,res.Gates)}
 }
 fmt.Println(ok,n,time.Since(t0))
}
