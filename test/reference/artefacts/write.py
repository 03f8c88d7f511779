"""Small files as NumPy, PyTorch and Pillow write them, in test/fixtures/artefacts: python write.py OUT (needs numpy, torch, Pillow, safetensors).

Every tensor holds numbers that the tests can make again: `ramp(shape, start)` is start, start + 0.25, start + 0.5 ... row by row.
`.params` follow MXNet's own format (ndarray.cc), written here byte by byte, since MXNet does not install any more.
"""
import pathlib
import struct
import sys

import numpy as np
import torch
from PIL import Image

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def ramp(shape, start=0.0):
    return torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(shape) * 0.25 + start


state = {
    'conv1.weight': torch.nn.Parameter(ramp((2, 3, 1, 2))),
    'transposed': ramp((3, 2), 1).t(),
    'part': ramp((4, 3), 2)[1:3, 1:],
    'half': ramp((3,), 3).half(),
    'brain': ramp((3,), 4).bfloat16(),
    'double': ramp((2,), 5).double(),
    'bn1.num_batches_tracked': torch.tensor(7),
}
torch.save(state, out / 'zip.pth')
torch.save(state, out / 'legacy.pth', _use_new_zipfile_serialization=False)
torch.save({'epoch': 3, 'state_dict': {f'module.{k}': v for k, v in state.items()}, 'lr': [0.1]}, out / 'inside.pth')
model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
with torch.no_grad():
    for i, p in enumerate(model.parameters()):
        p.copy_(ramp(p.shape, i))
torch.save(model.state_dict(), out / 'module.pth')

cam, high = ramp((2, 2, 3)), ramp((2, 4, 5), 1)
np.save(out / 'irn.npy', {'keys': torch.tensor([0, 14]), 'cam': cam, 'high_res': high.numpy()})
np.save(out / 'torch-alone.npy', {'keys': torch.tensor([0, 14]), 'cam': high})
np.save(out / 'sipe.npy', {'keys': np.array([0, 1, 15]), 'IS_CAM': ramp((3, 4, 5)).numpy()})
np.save(out / 'clip-es.npy', {'keys': np.array([2]), 'attn_highres': ramp((1, 4, 5)).numpy().astype(np.float16)})
np.save(out / 'psa.npy', {3: ramp((4, 5)).numpy(), 11: ramp((4, 5), 9).numpy()})

label = (np.arange(20).reshape(4, 5) % 21).astype(np.uint8)
label[0, 0] = 255
Image.fromarray(label, mode='L').save(out / 'ir_label.png')
palette = Image.fromarray(label, mode='P')
palette.putpalette([v for i in range(256) for v in (i, 255 - i, 7)])
palette.save(out / 'palette.png')


def params(path, header, sides):
    arrays = {'arg:conv1a_weight': ramp((2, 3, 1, 1)), 'aux:bn7_moving_mean': ramp((4,), 2)}
    with open(path, 'wb') as f:
        f.write(struct.pack('<QQQ', 0x112, 0, len(arrays)))
        for a in arrays.values():
            f.write(header)
            f.write(struct.pack('<I', a.dim()) + b''.join(struct.pack(sides, n) for n in a.shape))
            f.write(struct.pack('<iii', 1, 0, 0) + a.numpy().tobytes())
        f.write(struct.pack('<Q', len(arrays)))
        for name in arrays:
            f.write(struct.pack('<Q', len(name)) + name.encode())


params(out / 'oldest.params', b'', '<I')
params(out / 'first.params', struct.pack('<I', 0xF993FAC8), '<q')
params(out / 'second.params', struct.pack('<Ii', 0xF993FAC9, 0), '<q')
