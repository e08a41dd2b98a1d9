"""The networks that the bench exports: torchvision, timm, plain autoencoders and odd forms, with random weights.

Each entry: name -> (kind, image size, maker). Kinds: classifier, autoencoder, segmentation (which has to be refused).
"""
import torch
import torch.nn.functional as F
from torch import nn


def torchvision_networks():
    import torchvision.models as tv
    from torchvision.models.maxvit import MaxVit
    from torchvision.models.swin_transformer import SwinTransformer, SwinTransformerBlockV2, PatchMergingV2
    from torchvision.models.vision_transformer import VisionTransformer

    plain = lambda make, **options: lambda: make(weights=None, num_classes=10, **options)
    return {
        "resnet18": (64, plain(tv.resnet18)),
        "resnext50": (64, plain(tv.resnext50_32x4d)),
        "vgg11_bn": (32, plain(tv.vgg11_bn)),
        "alexnet": (64, plain(tv.alexnet)),
        "squeezenet1_1": (64, plain(tv.squeezenet1_1)),
        "densenet121": (64, plain(tv.densenet121)),
        "mobilenet_v2": (64, plain(tv.mobilenet_v2)),
        "mobilenet_v3_small": (64, plain(tv.mobilenet_v3_small)),
        "shufflenet_v2": (64, plain(tv.shufflenet_v2_x0_5)),
        "mnasnet0_5": (64, plain(tv.mnasnet0_5)),
        "efficientnet_b0": (64, plain(tv.efficientnet_b0)),
        "regnet_y_400mf": (64, plain(tv.regnet_y_400mf)),
        "googlenet": (64, plain(tv.googlenet, aux_logits=False, init_weights=True)),
        "inception_v3": (96, plain(tv.inception_v3, aux_logits=False, init_weights=True)),
        "convnext_tiny": (64, plain(tv.convnext_tiny)),
        "vit": (32, lambda: VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=10)),
        "swin": (32, lambda: SwinTransformer([2, 2], 24, [2, 2], [2, 4], [4, 4], num_classes=10)),
        "swin_v2": (
            32,
            lambda: SwinTransformer(
                [2, 2], 24, [2, 2], [2, 4], [4, 4], num_classes=10,
                block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2,
            ),
        ),
        "maxvit": (
            32,
            lambda: MaxVit(
                input_size=(32, 32), stem_channels=16, partition_size=4, block_channels=[16, 32],
                block_layers=[1, 1], head_dim=8, stochastic_depth_prob=0.0, num_classes=10,
            ),
        ),
        "lraspp": (64, plain(tv.segmentation.lraspp_mobilenet_v3_large, weights_backbone=None)),
    }


def timm_networks():
    import timm

    small = {
        "vit_tiny_patch16_224": 64, "deit3_small_patch16_224": 64, "swin_tiny_patch4_window7_224": 224,
        "mobilevit_xxs": 64, "mobilevitv2_050": 64, "coat_tiny": 64, "cait_xxs24_224": 64, "xcit_nano_12_p16_224": 64,
        "ghostnet_100": 64, "mambaout_femto": 64, "repvgg_a0": 64, "poolformer_s12": 64, "edgenext_xx_small": 64,
        "nf_regnet_b0": 64, "rexnet_100": 64, "fastvit_t8": 64, "eva02_tiny_patch14_224": 56, "levit_128s": 224,
        "mixer_s32_224": 224, "pit_ti_224": 224, "crossvit_tiny_240": 240, "visformer_tiny": 224, "maxvit_rmlp_pico_rw_256": 256,
        "lambda_resnet26t": 64, "twins_pcpvt_small": 64, "dla34": 64,
    }

    def make(name, size):
        options = {"pretrained": False, "num_classes": 10}
        fixed = timm.create_model(name, **options)
        if fixed.default_cfg.get("fixed_input_size") or "vit" in name or name.startswith(("eva", "deit", "cait", "xcit", "coat")):
            try:
                return timm.create_model(name, img_size=size, **options)
            except TypeError:
                pass
        return fixed

    return {name: (size, lambda name=name, size=size: make(name, size)) for name, size in small.items()}


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Head(nn.Module):
    """A function of the image, then a linear layer over what it gives."""

    def __init__(self, function, size=16, **modules):
        super().__init__()
        self.parts = nn.ModuleDict(modules)
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.function = function
        with torch.no_grad():
            width = self.inner(torch.rand(2, 3, size, size)).shape[1]
        self.last = nn.Linear(width, 10)

    def inner(self, x):
        return self.function(self.parts, torch.tanh(self.stem(x))).flatten(1)

    def forward(self, x):
        return self.last(self.inner(x))


class UNet(nn.Module):
    def __init__(self, up="bilinear"):
        super().__init__()
        block = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.SiLU())
        self.one, self.two, self.three = block(3, 8), block(8, 16), block(16, 16)
        self.four, self.last = block(32, 8), nn.Conv2d(16, 3, 1)
        self.up = up
        self.transposed = nn.ModuleList([nn.ConvTranspose2d(16, 16, 2, 2), nn.ConvTranspose2d(8, 8, 2, 2)])

    def raise_to(self, x, like, i):
        if self.up == "transposed":
            return self.transposed[i](x)
        if self.up == "scale":
            return F.interpolate(x, scale_factor=2, mode="nearest")
        options = {} if self.up == "nearest" else {"align_corners": False}
        return F.interpolate(x, size=like.shape[-2:], mode=self.up, **options)

    def forward(self, x):
        a = self.one(x)
        b = self.two(F.max_pool2d(a, 2))
        c = self.three(F.max_pool2d(b, 2))
        b = torch.cat([b, self.raise_to(c, b, 0)], 1)
        a = torch.cat([a, self.raise_to(self.four(b), a, 1)], 1)
        return torch.sigmoid(self.last(a))


def autoencoders():
    dense = lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(768, 32), nn.ReLU(), nn.Linear(32, 768), nn.Sigmoid(), nn.Unflatten(1, (3, 16, 16))
    )
    conv = lambda: nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(8, 3, 3, 2, 1, 1), nn.Sigmoid(),
    )
    shuffle = lambda: nn.Sequential(
        nn.PixelUnshuffle(2), nn.Conv2d(12, 16, 3, padding=1), nn.GELU(), nn.Conv2d(16, 12, 3, padding=1), nn.PixelShuffle(2)
    )
    mirrored = lambda: nn.Sequential(
        nn.ReflectionPad2d(2), nn.Conv2d(3, 8, 5), nn.InstanceNorm2d(8), nn.ReLU(), nn.ReplicationPad2d(1), nn.Conv2d(8, 3, 3), nn.Sigmoid()
    )
    return {
        "ae_dense": (16, dense), "ae_conv": (16, conv), "ae_shuffle": (16, shuffle), "ae_mirrored": (16, mirrored),
        "unet_bilinear": (16, UNet), "unet_bicubic": (16, lambda: UNet("bicubic")), "unet_nearest": (16, lambda: UNet("nearest")),
        "unet_scale": (16, lambda: UNet("scale")), "unet_transposed": (16, lambda: UNet("transposed")),
    }


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.recurrent = kind(48, 12, batch_first=True, **options)
        self.last = nn.LazyLinear(10)

    def forward(self, x):
        rows = x.permute(0, 2, 1, 3).flatten(2)
        return self.last(self.recurrent(rows)[0][:, -1])


class SpatialTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.where = nn.Sequential(nn.Flatten(), nn.Linear(768, 6), nn.Tanh())
        self.last = nn.Linear(768, 10)

    def forward(self, x):
        theta = 0.2 * self.where(x).view(-1, 2, 3) + torch.tensor([[1.0, 0, 0], [0, 1, 0]], dtype=x.dtype)
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        return self.last(F.grid_sample(x, grid, align_corners=False).flatten(1))


class Attention(nn.Module):
    def __init__(self, causal=False):
        super().__init__()
        self.causal = causal
        self.embed, self.qkv, self.last = nn.Conv2d(3, 16, 4, 4), nn.Linear(16, 48), nn.Linear(16, 10)

    def forward(self, x):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        q, k, v = (part.unflatten(-1, (2, 8)).transpose(1, 2) for part in self.qkv(tokens).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.last(y.transpose(1, 2).flatten(2).mean(1))


def lazy(make):
    def made():
        model = make().eval()
        model(torch.rand(1, 3, 16, 16))
        return model

    return made


def odd_forms():
    heads = {
        "normalize": lambda p, x: F.normalize(x.flatten(1)),
        "cosine": lambda p, x: F.cosine_similarity(x.flatten(2)[:, :, :128], x.flatten(2)[:, :, 128:], dim=2),
        "l1_norm": lambda p, x: x.abs().sum((2, 3)).log() + torch.linalg.vector_norm(x, 1, (2, 3)),
        "einsum": lambda p, x: torch.einsum("nchw,nchv->nwv", x, x),
        "topk": lambda p, x: x.flatten(2).topk(5, dim=2).values,
        "cumsum": lambda p, x: x.mean((2, 3)).cumsum(1),
        "gram": lambda p, x: x.flatten(2) @ x.flatten(2).transpose(1, 2),
        "unfold": lambda p, x: F.unfold(x, 4, stride=4).mean(2),
        "fold": lambda p, x: F.fold(F.unfold(x, 3, stride=2, padding=1), (16, 16), 3, stride=2, padding=1),
        "roll": lambda p, x: torch.roll(x, (3, -2), (2, 3)).flip(2)[:, :, ::3, 1::2],
        "adaptive_uneven": lambda p, x: F.adaptive_avg_pool2d(x, 5),
        "adaptive_max": lambda p, x: F.adaptive_max_pool2d(x, 4),
        "std": lambda p, x: torch.cat([x.std((2, 3)), x.var((2, 3)), x.amax((2, 3)), x.amin((2, 3))], 1),
        "pads": lambda p, x: F.pad(F.pad(F.pad(x, (1, 2, 0, 3)), (2, 2, 2, 2), "reflect"), (1, 1, 1, 1), "circular"),
        "trigonometry": lambda p, x: torch.cat([x.sin(), x.cos(), x.atan(), torch.asinh(x)], 1),
        "rms_norm": lambda p, x: F.rms_norm(x, (16,)),
        "lp_pool": lambda p, x: F.lp_pool2d(x.abs() + 1, 2, 4),
        "group_norm": lambda p, x: F.mish(p["norm"](x)),
        "lrn": lambda p, x: F.local_response_norm(x, 3),
        "where_mask": lambda p, x: torch.where(x > 0, x * x, torch.zeros_like(x)).masked_fill(x > 0.9, 0.5),
        "gather": lambda p, x: x.flatten(2).gather(2, x.flatten(2).argsort(2)[:, :, :7]),
        "product": lambda p, x: (x + 1.5).flatten(2)[:, :, :6].prod(2),
        "meshgrid": lambda p, x: x * torch.stack(torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")).sum(0).to(x.dtype) / 16,
        "tile": lambda p, x: x.repeat(1, 2, 1, 1) + torch.tile(x.mean((2, 3), keepdim=True), (1, 2, 16, 16)),
        "tril": lambda p, x: torch.tril(x) + torch.triu(x, 2),
        "bilinear_scale": lambda p, x: F.interpolate(x, scale_factor=1.5, mode="bilinear", align_corners=True),
        "antialias": lambda p, x: F.interpolate(x, size=(7, 7), mode="bilinear", antialias=True),
        "dynamic_filter": lambda p, x: torch.stack([F.conv2d(x[:, :2], x[:1, :2, :3, :3].mean(0, keepdim=True) * 0 + p["norm"].weight.reshape(8, 1, 1, 1)[:2].mean() + 0.1) for _ in range(2)], 1),
        "softplus_mix": lambda p, x: F.softplus(x) + F.hardtanh(x) + F.elu(x) + F.selu(x) + F.celu(x) + F.softsign(x) + F.hardshrink(x) + F.softshrink(x) + F.logsigmoid(x) + F.relu6(x),
        "glu": lambda p, x: F.glu(x, 1),
        "logsumexp": lambda p, x: torch.logsumexp(x, (2, 3)),
        "round_through": lambda p, x: torch.round(x * 16) / 16,
        "vector_product": lambda p, x: x.flatten(1) @ torch.linspace(-1, 1, 2048, dtype=x.dtype).unsqueeze(1),
        "clamp_tensor": lambda p, x: torch.maximum(x, x.mean((2, 3), keepdim=True)),
        "index_put": lambda p, x: torch.cat([x[:, [3, 1, 1]], x.index_select(2, torch.tensor([0, 5, 5]))[:, :3].repeat(1, 1, 6, 1)[:, :, :16]], 2),
    }
    made = {}
    for name, function in heads.items():
        made[name] = (16, lambda function=function: Head(function, norm=nn.GroupNorm(4, 8)))
    made.update({
        "lstm": (16, lazy(lambda: Recurrent(nn.LSTM))), "gru_two_ways": (16, lazy(lambda: Recurrent(nn.GRU, bidirectional=True))),
        "rnn": (16, lazy(lambda: Recurrent(nn.RNN))),
        "spatial_transformer": (16, SpatialTransformer), "attention": (16, Attention), "attention_causal": (16, lambda: Attention(True)),
        "encoder": (
            16,
            lambda: nn.Sequential(
                nn.Conv2d(3, 16, 4, 4), nn.Flatten(2), Lambda(lambda x: x.transpose(1, 2)),
                nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), Lambda(lambda x: x.mean(1)), nn.Linear(16, 10),
            ),
        ),
        "normalised_inside": (16, lambda: nn.Sequential(Lambda(lambda x: (x - torch.tensor([0.4, 0.5, 0.6], dtype=x.dtype).view(1, 3, 1, 1)) / 0.25), nn.Conv2d(3, 8, 3, 2), nn.PReLU(8), nn.Flatten(), nn.Linear(392, 10))),
        "resized_inside": (16, lambda: nn.Sequential(Lambda(lambda x: F.interpolate(x, size=(24, 24), mode="bilinear")), nn.Conv2d(3, 8, 3, 2), nn.LeakyReLU(0.1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))),
    })
    return made


def all_networks():
    networks = {}
    segmentation = {"lraspp"}
    for prefix, kind, group in [
        ("torchvision", "classifier", torchvision_networks()), ("timm", "classifier", timm_networks()),
        ("autoencoder", "autoencoder", autoencoders()), ("odd", "classifier", odd_forms()),
    ]:
        for name, (size, make) in group.items():
            networks[f"{prefix}/{name}"] = ("segmentation" if name in segmentation else kind, size, make)
    return networks
