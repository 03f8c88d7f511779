"""python vit.py TEST: writes backbones/vit_tiny of both sets (plain PyTorch, float64, parameters by timm's names) into the folder test/."""
import json, sys, numpy as np, torch, torch.nn.functional as F
from safetensors.numpy import save_file
def run(t, hp, s):
    x=t['x']; c=s['class_tokens']; C=s['width']; g=hp['heads']
    m=F.conv2d(x,t['patch_embed.proj.weight'],t['patch_embed.proj.bias'],stride=hp['patch'])
    n,_,h,w=m.shape
    pos=t['pos_embed']; grid=pos[:,c:].reshape(1,*s['grid'],C).permute(0,3,1,2)
    m=m+F.interpolate(grid,size=(h,w),mode='bicubic',align_corners=False)
    y=torch.cat([(t['cls_token']+pos[:,:c]).expand(n,-1,-1), m.flatten(2).transpose(1,2)],1)
    att=[];taps=[]
    for i in range(s['depth']):
        p=f'blocks.{i}.'
        z=F.layer_norm(y,(C,),t[p+'norm1.weight'],t[p+'norm1.bias'],hp['eps'])
        q,k,v=F.linear(z,t[p+'attn.qkv.weight'],t[p+'attn.qkv.bias']).reshape(n,-1,3,g,C//g).permute(2,0,3,1,4)
        a=(q@k.transpose(-2,-1)*(C//g)**-0.5).softmax(-1); att.append(a)
        y=y+F.linear((a@v).transpose(1,2).reshape(n,-1,C),t[p+'attn.proj.weight'],t[p+'attn.proj.bias'])
        z=F.layer_norm(y,(C,),t[p+'norm2.weight'],t[p+'norm2.bias'],hp['eps'])
        y=y+F.linear(F.gelu(F.linear(z,t[p+'mlp.fc1.weight'],t[p+'mlp.fc1.bias'])),t[p+'mlp.fc2.weight'],t[p+'mlp.fc2.bias']); taps.append(y)
    y=F.layer_norm(y,(C,),t['norm.weight'],t['norm.bias'],hp['eps'])
    return {'class_tokens':y[:,:c],'patches':y[:,c:].transpose(1,2).reshape(n,C,h,w),'block0':taps[0],'attention0':att[0],'attention_last':att[-1]}
def make(out,seed,n,H,W,hp,s):
    r=np.random.default_rng(seed); C=s['width']; c=s['class_tokens']; P=hp['patch']; R=hp['ratio']
    p={'cls_token':(1,c,C),'pos_embed':(1,c+s['grid'][0]*s['grid'][1],C),'patch_embed.proj.weight':(C,3,P,P),'patch_embed.proj.bias':(C,),'norm.weight':(C,),'norm.bias':(C,)}
    for i in range(s['depth']):
        b=f'blocks.{i}.'
        p|={b+'norm1.weight':(C,),b+'norm1.bias':(C,),b+'norm2.weight':(C,),b+'norm2.bias':(C,),b+'attn.qkv.weight':(3*C,C),b+'attn.qkv.bias':(3*C,),b+'attn.proj.weight':(C,C),b+'attn.proj.bias':(C,),b+'mlp.fc1.weight':(R*C,C),b+'mlp.fc1.bias':(R*C,),b+'mlp.fc2.weight':(C,R*C),b+'mlp.fc2.bias':(C,)}
    params={k:(r.normal(0,0.3,v)+(1 if 'norm' in k and k.endswith('weight') else 0)).astype(np.float32) for k,v in p.items()}
    ins={'x':r.normal(size=(n,3,H,W)).astype(np.float32)}
    t={k:torch.tensor(v,dtype=torch.float64,requires_grad=True) for k,v in {**ins,**params}.items()}
    o=run(t,hp,s); loss=0
    for k in ('class_tokens','patches','attention_last'):
        ins['cot_'+k]=r.normal(size=tuple(o[k].shape)).astype(np.float32); loss=loss+(o[k]*torch.tensor(ins['cot_'+k])).sum()
    g=dict(zip(t,torch.autograd.grad(loss,list(t.values()))))
    arr={f'in.{k}':v for k,v in ins.items()}|{f'param.{k}':v for k,v in params.items()}|{f'out.{k}':v.detach().numpy().astype(np.float32) for k,v in o.items()}|{'out.loss':np.array([loss.item()],np.float32)}|{f'grad.{k}':v.numpy().astype(np.float32) for k,v in g.items()}
    arr={k:np.ascontiguousarray(v) for k,v in arr.items()}
    save_file(arr,out+'.safetensors')
    d={'method':'backbones','case':'vit_tiny','title':'Vision transformer of few channels with several class tokens','source':'test/reference/torch: plain PyTorch, parameters by timm\'s names','description':'Patches by a strided convolution; positions of the patches (learned on sizes.grid) resized bicubically (a = -0.75, no antialiasing), corners not aligned, and added; class tokens plus their positions in front; pre-norm blocks (layer norm, multi-head attention scaled by 1/sqrt(head width), layer norm, two layers with exact GELU); last layer norm. block0 are the tokens after the first block, attention0 and attention_last the softmax maps [N, heads, T, T]. out.loss = sum of class_tokens, patches and attention_last, each times its cotangent.','hyperparameters':hp,'sizes':s,'tolerance':{'out':{'rtol':1e-4,'atol':0,'atol_of_max':1e-5},'grad':{'rtol':5e-4,'atol':0,'atol_of_max':1e-4},'exact':[]},'gradient_of':'out.loss','tensors':{k:{'shape':list(v.shape),'dtype':'float32'} for k,v in arr.items()}}
    open(out+'.json','w').write(json.dumps(d,indent=1)+'\n')
make(sys.argv[1]+'/fixtures/backbones/vit_tiny',1,2,17,22,{'heads':2,'patch':4,'ratio':2,'eps':1e-6},{'width':8,'depth':2,'class_tokens':3,'grid':[3,4]})
make(sys.argv[1]+'/fixtures-second/backbones/vit_tiny',2,1,15,9,{'heads':3,'patch':3,'ratio':4,'eps':1e-3},{'width':6,'depth':3,'class_tokens':1,'grid':[2,2]})
