"""Lightning: what its trainer logs, by epoch."""

from __future__ import annotations

import pytest

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import Role
from jupyter_mlops.capture.fingerprint import fingerprint
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


def trainer_in(folder, epochs):
    return lightning.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=folder,
    )  # fmt: skip


def test_a_trainers_fit_is_one_training_with_its_epochs(heard, tmp_path):
    x = torch.linspace(0, 1, 16).reshape(-1, 1)
    data = DataLoader(TensorDataset(x, 3 * x), batch_size=8)
    trainer = trainer_in(tmp_path, 3)
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


class Breaks(Line):
    def on_train_epoch_start(self):
        if self.current_epoch == 2:
            raise RuntimeError("out of patience")


def test_a_training_that_raises_tells_how_far_it_came(heard, tmp_path):
    data = DataLoader(TensorDataset(torch.ones(16, 1), torch.ones(16, 1)), batch_size=8)
    trainer = trainer_in(tmp_path, 4)
    callbacks = list(trainer.callbacks)
    with pytest.raises(RuntimeError, match="patience"):
        trainer.fit(Breaks(rate=0.05), data)
    assert trainer.callbacks == callbacks
    (seen,) = heard.fits
    assert (seen.role, seen.error.message) == (Role.FAILED, "out of patience")
    assert (seen.params["rate"], seen.params["max_epochs"], seen.metrics["steps"]) == (0.05, 4, 4)
    assert [step for step, _ in seen.series["loss"]] == [0, 1]
    assert [item.role for item in seen.inputs] == ["train"] * len(seen.inputs)
    assert heard.notes == []


x = torch.linspace(0, 1, 16).reshape(-1, 1)
WHOLE = TensorDataset(x, 3 * x)
FIRST, REST = torch.utils.data.Subset(WHOLE, range(12)), torch.utils.data.Subset(WHOLE, range(12, 16))


class Module(lightning.LightningDataModule):
    def train_dataloader(self):
        return [DataLoader(FIRST, batch_size=4), DataLoader(FIRST, batch_size=4)]

    def val_dataloader(self):
        return DataLoader(REST, batch_size=4)


class Both(Line):
    def training_step(self, batches, place):
        return super().training_step(batches[0], place)


@pytest.mark.parametrize("given", ["loaders", "module"])
def test_what_it_trains_and_validates_on_are_inputs_wherever_the_loaders_come_from(heard, tmp_path, given):
    if given == "loaders":
        train, valid = DataLoader(FIRST, batch_size=4, shuffle=True), DataLoader(REST, batch_size=4)
        trainer_in(tmp_path, 1).fit(Line(), train, valid)
    else:
        trainer_in(tmp_path, 1).fit(Both(), datamodule=Module())
    inputs = {(one.name, one.role): (one.digest, one.rows) for one in heard.fits[-1].inputs}
    assert len(inputs) == 6  # features, target and which rows of them, twice
    for role, part in (("train", FIRST), ("test", REST)):
        assert inputs["x", role] == (fingerprint(x).digest, 16)
        ((digest, rows),) = [
            found for (name, of), found in inputs.items() if of == role and "indices" in name
        ]
        assert (digest, rows) == (fingerprint(part.indices).digest, len(part))
    assert heard.notes == []


def test_off_puts_fit_back(sink):
    before = vars(lightning.Trainer)["fit"]
    autolog(sink)
    assert vars(lightning.Trainer)["fit"] is not before
    autolog_off()
    assert vars(lightning.Trainer)["fit"] is before
