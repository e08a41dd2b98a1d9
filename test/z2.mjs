import * as tf from '@tensorflow/tfjs-core';
import {openEngine} from '@gauntlet/core';
const shape=[1,6,7,4]; const N=168; const v=Float32Array.from({length:N},(_,i)=>Math.sin(i*12.9898)*43758.5453%1);
const r=[];
for(const b of ['cpu','wasm']){await openEngine('tfjs:'+b); const x=tf.tensor(v,shape); 
 const g=tf.grad(x=>tf.sum(tf.maxPool(x,2,2,'valid')))(x); r.push(await g.data()); r.push(await tf.maxPool(x,2,2,'valid').data())}
const bad=[];for(let i=0;i<N;i++) if(r[0][i]!==r[2][i]) bad.push([Math.floor(i/28),Math.floor(i/4)%7,i%4,v[i],r[0][i],r[2][i]]);
console.log(bad); console.log(r[1].every((a,i)=>a===r[3][i]));
