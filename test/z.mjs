import * as tf from '@tensorflow/tfjs-core';
import {openEngine} from '@gauntlet/core';
await openEngine('tfjs:cpu');
async function both(label,shape,f){ const v=Float32Array.from({length:shape.reduce((a,b)=>a*b)},(_,i)=>Math.sin(i*12.9898)*43758.5453%1);
 const r=[]; for(const b of ['cpu','wasm']){await openEngine('tfjs:'+b); const x=tf.tensor(v,shape); const y=f(x); const dy=tf.tensor(Float32Array.from({length:y.size},(_,i)=>Math.cos(i*7.1)),y.shape); try{ r.push(await tf.grad(x=>tf.sum(tf.mul(f(x),dy)))(x).data());}catch(e){r.push(e.message)} }
 console.log(label, typeof r[0]==='string'?r[0]:'', typeof r[1]==='string'?r[1]:'', Math.max(...Array.from(r[0],(a,i)=>Math.abs(a-r[1][i])))); }
for (const [n,h,w,c] of [[1,6,6,1],[1,6,7,1],[1,6,7,4],[3,6,7,4],[3,6,6,4],[2,4,4,2]]) {
 await both('max2 '+[n,h,w,c],[n,h,w,c],x=>tf.maxPool(x,2,2,'valid'));
 await both('max2 same'+[n,h,w,c],[n,h,w,c],x=>tf.maxPool(x,2,2,'same'));
 await both('max3s2 '+[n,h,w,c],[n,h,w,c],x=>tf.maxPool(x,3,2,'valid'));
}
await both('avg3 same',[1,6,7,2],x=>tf.avgPool(x,3,2,'same'));
await both('near 2,3',[1,3,4,2],x=>tf.image.resizeNearestNeighbor(x,[6,12]));
await both('near 2,2',[1,3,4,2],x=>tf.image.resizeNearestNeighbor(x,[6,8]));
await both('bil',[1,3,4,2],x=>tf.image.resizeBilinear(x,[6,8]));
