"""Lightning: what its trainer logs, by epoch."""

from __future__ import annotations

from jupyter_mlops.capture.estimators import autolog, autolog_off
from tests.needed import needed

torch = needed("torch")
lightning = needed("lightning.pytorch")
DataLoader, TensorDataset = torch.utils.data.DataLoader, torch.utils.data.TensorDataset


class Line(lightning.LightningModule):
    def __init__(self, rate=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, place):
        loss = torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        self.log("loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, place):
        self.log("validation_loss", torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.rate)


def test_a_trainers_fit_is_one_training_with_its_epochs(heard, tmp_path):
    x = torch.linspace(0, 1, 16).reshape(-1, 1)
    data = DataLoader(TensorDataset(x, 3 * x), batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=3, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=tmp_path,
    )  # fmt: skip
    callbacks, model = list(trainer.callbacks), Line(rate=0.05)
    trainer.fit(model, data, data)
    assert trainer.callbacks == callbacks
    (seen,) = heard.fits
    assert seen.estimator is model
    assert [step for step, _ in seen.series["loss"]] == [0, 1, 2]
    assert seen.series["loss"][-1][1] < seen.series["loss"][0][1]
    assert [step for step, _ in seen.series["validation_loss"]] == [0, 1, 2]
    assert (seen.params["max_epochs"], seen.params["rate"], seen.params["optimizer"]) == (3, 0.05, "SGD")
    assert (seen.metrics["epochs"], seen.metrics["steps"]) == (3, 6)
    assert heard.notes == []


def test_off_puts_fit_back(sink):
    before = vars(lightning.Trainer)["fit"]
    autolog(sink)
    assert vars(lightning.Trainer)["fit"] is not before
    autolog_off()
    assert vars(lightning.Trainer)["fit"] is before
