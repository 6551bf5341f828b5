"""How the lesson `microgpt` is cut into a notebook."""

from demos._cells import Part, Try

NOTEBOOK = (
    Part("LETTERS LENGTHS WIDTH HEADS HIDDEN"),
    Part("matrix inner linear add norm picked head heads GPT loss", "len(GPT().parameters())", paragraphs=0),
    Part(
        "HELD_OUT RATE BACKEND split numbered batches by_graph by_program gradient program",
        """\
learned, others = split()
model = GPT()
theta = np.array([*model.state().values()])
taken = [*batches(learned, 3, 1)]
[*zip(by_graph(model, taken), by_program(theta, taken))]""",
    ),
    Part(
        "BATCH STEPS",
        """\
losses = [*by_program(theta, batches(learned, STEPS, BATCH))]
model.load_state(dict(zip(model.state(), theta.tolist())))
[round(loss, 3) for loss in losses[:: STEPS // 4]]""",
        skipped=1,
    ),
    Part("sample", "rng = np.random.default_rng(0)\n[sample(model, rng) for _ in range(10)]", paragraphs=2),
    Part(
        show="from demos._microgpt_pictures import draw_attention, draw_head\npicture(draw_attention, language, model)",
    ),
    Part(show="picture(draw_head, language, model)", paragraphs=0),
    Try(
        "`HEADS` を 1 にして学習し直すと、損失はどう変わるだろうか。ヘッドを分けることに意味はあるか。",
        "Set `HEADS` to 1 and train again. What does the loss say: is it worth having several heads?",
    ),
    Try(
        "`sample` で、ロジットを ½ や 2 で割ってから softmax にすると、名前はどう変わるだろうか。",
        "In `sample`, divide the logits by ½ or by 2 before `softmax`. How do the names change?",
    ),
)
