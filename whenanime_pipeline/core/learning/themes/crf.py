"""A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001) in torch.

Decoding is in `core.themes.tagger.viterbi`, as it runs without torch.
"""

import torch
from torch import Tensor, nn

from whenanime_pipeline.core.themes.tagger.model_files import ChainScores

_IMPOSSIBLE = -1e4
"""Logarithm of next to nothing; infinity would make gradients that are no numbers."""


class ChainField(nn.Module):
    """Scores of transitions between classes, and the likelihood of sequences.

    Args:
        classes: number of classes.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.eye(classes) * 2)
        self.first = nn.Parameter(torch.zeros(classes))
        self.last = nn.Parameter(torch.zeros(classes))

    def log_likelihood(self, emissions: Tensor, labels: Tensor, known: Tensor) -> Tensor:
        """Return the logarithm of the probability of sequences.

        Args:
            emissions: `(N, T, C)`, score of each class at each step.
            labels: `(N, T)`, true classes.
            known: `(N, T)` bool, steps that exist: the first ones of each sequence, one at least.

        Returns:
            `(N,)`, at most 0.
        """
        return self._score(emissions, labels, known) - self._partition(emissions, known)

    def _score(self, emissions: Tensor, labels: Tensor, known: Tensor) -> Tensor:
        """Return the score of each sequence."""
        weights = known.to(emissions.dtype)
        own = emissions.gather(2, labels[:, :, None])[:, :, 0] * weights
        between = self.transitions[labels[:, :-1], labels[:, 1:]] * weights[:, 1:]
        ends = labels.gather(1, known.sum(1, keepdim=True) - 1)[:, 0]
        return own.sum(1) + between.sum(1) + self.first[labels[:, 0]] + self.last[ends]

    def _partition(self, emissions: Tensor, known: Tensor) -> Tensor:
        """Return the logarithm of the summed exponentials of the scores of all sequences.

        Steps are matrices in the semiring of logarithms, multiplied in pairs: a sequence of `T`
        takes `log2(T)` operations instead of `T`.
        """
        steps = self.transitions + emissions[:, 1:, None]
        neutral = torch.full_like(self.transitions, _IMPOSSIBLE).fill_diagonal_(0)
        steps = torch.where(known[:, 1:, None, None], steps, neutral)
        total = (self.first + emissions[:, 0])[:, None]
        while steps.shape[1]:
            if steps.shape[1] % 2:
                total = torch.logsumexp(total[..., None] + steps[:, :1], 2)
                steps = steps[:, 1:]
            else:
                left, right = steps[:, ::2], steps[:, 1::2]
                steps = torch.logsumexp(left[..., None] + right[:, :, None], 3)
        return torch.logsumexp(total[:, 0] + self.last, 1)

    def to_scores(self) -> ChainScores:
        """Return the scores as a tagger's `meta.json` keeps them."""
        return ChainScores(
            transitions=self.transitions.tolist(),
            first=self.first.tolist(),
            last=self.last.tolist(),
        )
