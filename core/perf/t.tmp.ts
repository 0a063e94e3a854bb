import { readFileSync } from 'node:fs';
import { findGpu } from './hardware/find-gpu.ts';
import { findModel } from './models/find-model.ts';
import { ForwardPass } from './pass/forward-pass.ts';
const rows = readFileSync('/work/shared/perf/aic-predictions.csv','utf8').trim().split('\n').slice(1).map(l=>l.split(','));
const by = new Map<string, {r:number[]}>();
const alias: Record<string,string> = {'Llama-3.1-8B':'meta-llama/Llama-3.1-8B-Instruct','Mixtral-8x7B':'mistralai/Mixtral-8x7B-v0.1'};
for (const [model,gpu,eng,ver,tp,dt,kv,pass,b,s,o,pred,g,a,m,c,ot] of rows as any) {
  if (pass.startsWith('serve')) continue;
  const shape = findModel(alias[model] ?? model); const hw = findGpu(gpu);
  if (!shape || !hw) { console.log('??', model, gpu); continue; }
  const q = dt==='bfloat16'?(model.startsWith('gpt')?'mxfp4':'bf16'):dt;
  const fp = new ForwardPass({gpu:hw,model:shape,engine:eng,tensorParallel:+tp,pipelineParallel:1,dataParallel:1,expertParallel:1,quantization:q,kvFormat:kv==='fp8'?'fp8':'bf16'} as any);
  const B=+b,S=+s;
  const sums = pass==='decode'?{prefillRequests:0,prefillTokens:0,prefixTokens:0,prefillAttentionPairs:0,decodeRequests:B,decodeContextTokens:B*S}:{prefillRequests:B,prefillTokens:B*S,prefixTokens:0,prefillAttentionPairs:B*S*S/2,decodeRequests:0,decodeContextTokens:0};
  const key=[model,gpu,eng,tp,dt,pass].join(' ');
  const e=by.get(key)??{r:[]}; e.r.push(fp.ms(sums)/+pred); by.set(key,e);
  if (process.argv[2] && key.includes(process.argv[2])) {
    const ops=fp.operators(sums); const grp=(x:string)=>ops.filter(o=>o.group===x).reduce((t,o)=>t+o.ms,0);
    console.log(key,B,S,'pred',pred,'ours',fp.ms(sums).toFixed(2),'| gemm',g,grp('gemm').toFixed(2),'att',a,grp('attention').toFixed(2),'moe',m,grp('moe').toFixed(2),'comm',c,grp('communication').toFixed(2),'other',ot,grp('other').toFixed(2));
  }
}
for (const [k,{r}] of by) console.log(k.padEnd(60), r.map(x=>x.toFixed(2)).join(' '));
