# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, nonecheck=False
"""The numbers of nodes as doubles, and the operations on them; doubles.py says what for.

A node holds two doubles where plain Python holds two objects. What is no float (an int, a Fraction, a Decimal) lies
beside them in an `Exact`. Kernels know doubles only: what they cannot do, or what comes out not finite, they leave to
the engine.
"""

cimport cython
from cpython.dict cimport PyDict_GetItem
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.ref cimport PyObject
from libc.math cimport NAN, isfinite

cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject *)
    void Py_SET_REFCNT(PyObject *, Py_ssize_t)
    void Py_DECREF(PyObject *)
    void Py_INCREF(PyObject *)
    PyTypeObject *Py_TYPE(PyObject *)
    Py_ssize_t PyVectorcall_NARGS(size_t)
    int PyContextVar_Get(PyObject *, PyObject *, PyObject **) except -1

    ctypedef object (*newfunc)(type, object, PyObject *)
    ctypedef void (*destructor)(PyObject *) noexcept
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    ctypedef object (*ternaryfunc)(object, object, object)
    ctypedef object (*binaryfunc)(object, object)
    ctypedef struct PyNumberMethods:
        binaryfunc nb_add, nb_subtract, nb_multiply, nb_true_divide
    ctypedef struct PyTypeObject:
        PyNumberMethods *tp_as_number
        newfunc tp_new
        destructor tp_dealloc
        vectorcallfunc tp_vectorcall
        ternaryfunc tp_call

cdef extern from *:
    const char *AUTOGRAD_FINGERPRINT

cdef extern from "kernels.h":
    const char *KERNELS[]
    const int OPERANDS[]
    enum: ARITHMETIC
    double kernel_value(int code, double a, double b) noexcept nogil
    int kernel_adjoint(int code, double g, double y, double a, double b, double *to_a, double *to_b) noexcept nogil

NATIVE = True
FINGERPRINT = AUTOGRAD_FINGERPRINT.decode()


def _codes():
    codes, k = {}, 1
    while KERNELS[k] != NULL:
        codes[KERNELS[k].decode()] = k
        k += 1
    return codes


CODES = _codes()


cdef class Operation:
    """The base of `Op`.

    Attributes:
        code: of its kernel; 0 where it has none.
    """

    def __call__(self, *operands):
        cdef Node node = None
        if self.code and OPERANDS[self.code] == len(operands):
            if len(operands) == 1:
                if type(operands[0]) is _kernels.kind:
                    node = _kernels.unary(self, <Node> operands[0])
            elif type(operands[0]) is _kernels.kind or type(operands[1]) is _kernels.kind:
                node = _kernels.binary(self, operands[0], operands[1])
        return self.applied(*operands) if node is None else node


# --- Nodes --------------------------------------------------------------------------------------------------

cdef tuple _NO_ARGUMENTS = ()
cdef object _DOUBLE = object()  # in an Exact: the node itself has it, as a double
cdef enum: _SMALL = 16  # integers below have their Exact already
cdef double _LARGEST = 2.0 ** 53  # integers up to here are doubles
cdef Py_ssize_t _living = 0
cdef PyTypeObject *_kind = NULL  # the class of the engine's nodes, once it is there


cdef class Exact:
    """Numbers of a node that are no floats. Those of small integers are shared, so none is changed once it is there."""


@cython.no_gc
cdef class Node:
    """An operand that an operation is recorded on instead of computed: the base of `Value`.

    The lowest bit of `mark` says whether a gradient arrived, the others which traversal came by last.
    """

    def __cinit__(self):
        global _living
        _living += 1

    @staticmethod
    def record(op, operands):
        """The node of op(*operands), of which at least one is a node."""
        raise NotImplementedError

    @property
    def data(self):
        if self.exact is None or self.exact.data is _DOUBLE:
            return self.number
        return self.exact.data

    @data.setter
    def data(self, x):
        if type(x) is float and x == x:
            self.number = x
            if self.exact is not None:
                self.exact = _exact(_DOUBLE, self.exact.grad)
        else:
            self.number = x if type(x) is int and -_LARGEST <= x <= _LARGEST else NAN
            self.exact = _exact(x, _DOUBLE if self.exact is None else self.exact.grad)

    @property
    def grad(self):
        if self.exact is None or self.exact.grad is _DOUBLE:
            return self.slope if self.mark & 1 else 0
        return self.exact.grad

    @grad.setter
    def grad(self, x):
        self.slope = 0.0
        self.mark &= ~1ull
        if type(x) is float and x == x:
            self.slope = x
            self.mark |= 1
            x = _DOUBLE
        elif type(x) is int and not x:
            x = _DOUBLE
        if x is not _DOUBLE or (self.exact is not None and self.exact.grad is not _DOUBLE):
            self.exact = _exact(_DOUBLE if self.exact is None else self.exact.data, x)


def living():
    """How many nodes there are."""
    return _living


cdef Exact _exact(data, grad):
    cdef Exact exact
    if data is _DOUBLE and grad is _DOUBLE:
        return None
    exact = Exact.__new__(Exact)
    exact.data, exact.grad = data, grad
    return exact


cdef list _small = [_exact(k, _DOUBLE) for k in range(_SMALL)]


cdef inline bint _is_node(object x):
    return Py_TYPE(<PyObject *> x) == _kind or isinstance(x, Node)


cdef inline bint _is_double(Node x) noexcept:
    return x.exact is None or x.exact.data is _DOUBLE


# --- How nodes come and go ----------------------------------------------------------------------------------

cdef extern from *:
    """
    #ifndef AUTOGRAD_SPARES
      #define AUTOGRAD_SPARES 32768
    #endif
    """
    enum: AUTOGRAD_SPARES  # so many nodes are kept for those to come: 2.6 MB

cdef PyObject *_dying = NULL  # nodes that nobody holds any more; each has the next in the place of its mark
cdef PyObject *_spare = NULL  # nodes to be used again, in the same way
cdef Py_ssize_t _spares = 0
cdef bint _burying = False
cdef newfunc _create = (<PyTypeObject *> Node).tp_new
cdef destructor _destroy = (<PyTypeObject *> Node).tp_dealloc


cdef object _new(type kind, arguments, PyObject *named):
    """What Python calls for a new node, before its `__init__`."""
    return _kernels.fresh() if <PyTypeObject *> kind == _kind else _create(kind, arguments, named)


cdef void _let_go(PyObject *node) noexcept:
    """What Python calls when nobody holds a node any more. Without recursion: a graph may be a million nodes deep."""
    global _dying, _burying
    cdef bint is_first = not _burying
    _burying = True
    Py_SET_REFCNT(node, 1)
    _bury(node)
    while is_first and _dying != NULL:
        node = _dying
        _dying = <PyObject *> <size_t> (<Node> node).mark
        if Py_TYPE(node) == _kind:
            _bury(node)
        else:
            Py_DECREF(node)
    _burying = not is_first


cdef void _bury(PyObject *node) noexcept:
    """Empty a node, of which the caller is the only owner, and keep it for those to come, or give its memory back."""
    global _living, _spare, _spares
    _living -= 1
    if (<Node> node)._left is not None:
        _inherit(<PyObject *> (<Node> node)._left)
        (<Node> node)._left = None
    if (<Node> node)._right is not None:
        _inherit(<PyObject *> (<Node> node)._right)
        (<Node> node)._right = None
    if (<Node> node).op is not None:
        (<Node> node).op = None
    if (<Node> node).exact is not None:
        (<Node> node).exact = None
    if (<Node> node).label is not None:
        (<Node> node).label = None
    if Py_TYPE(node) == _kind and _spares < AUTOGRAD_SPARES:
        (<Node> node).mark = <size_t> _spare
        _spare = node
        _spares += 1
    else:
        Py_SET_REFCNT(node, 0)
        _destroy(node)


cdef inline void _inherit(PyObject *operand) noexcept:
    """Put an operand that dies with its node among the dying, which own it then."""
    global _dying
    if Py_REFCNT(operand) == 1 and _is_node(<object> operand):
        Py_INCREF(operand)
        (<Node> operand).mark = <size_t> _dying
        _dying = operand


(<PyTypeObject *> Node).tp_new = _new
(<PyTypeObject *> Node).tp_dealloc = _let_go


# --- Arithmetic ---------------------------------------------------------------------------------------------


cdef Kernels _kernels = None


cdef object _called(PyObject *kind, PyObject *const *arguments, size_t flags, PyObject *names):
    """What Python calls for Value(…)."""
    cdef Py_ssize_t k, count = PyVectorcall_NARGS(flags)
    cdef Node node
    if count == 1 and names == NULL:
        node = _kernels.fresh()
        if _kernels.hold(node, <object> arguments[0]):
            return node
    named = {}
    if names != NULL:
        for k, name in enumerate(<tuple> names, count):
            named[name] = <object> arguments[k]
    return (<PyTypeObject *> type).tp_call(<object> kind, tuple([<object> arguments[k] for k in range(count)]), named)


cdef tuple _ARITHMETIC  # +, −, ×, ÷
cdef PyNumberMethods _methods  # what Python calls for them where no kernel serves


cdef object _sum(left, right):
    node = _kernels.binary(<Operation> _ARITHMETIC[0], left, right)
    return _methods.nb_add(left, right) if node is None else node


cdef object _difference(left, right):
    node = _kernels.binary(<Operation> _ARITHMETIC[1], left, right)
    return _methods.nb_subtract(left, right) if node is None else node


cdef object _product(left, right):
    node = _kernels.binary(<Operation> _ARITHMETIC[2], left, right)
    return _methods.nb_multiply(left, right) if node is None else node


cdef object _quotient(left, right):
    node = _kernels.binary(<Operation> _ARITHMETIC[3], left, right)
    return _methods.nb_true_divide(left, right) if node is None else node


@cython.final
cdef class Kernels:
    """The short way to a node: of doubles, by an operation that has a kernel.

    Args:
        kind: the class of the nodes.
        constant: the operation of nodes made of plain numbers.
        arithmetic: +, −, ×, ÷.
        blocks, watcher: the context variables that say what is around the code.

    Attributes:
        attentive: blocks of `no_grad` and recordings, in any thread; only where there are any, the variables are asked.
    """

    def __init__(self, kind, constant, tuple arithmetic, blocks, watcher):
        global _kernels, _kind, _ARITHMETIC, _methods
        self.kind, self.constant, self.blocks, self.watcher = kind, constant, blocks, watcher
        _kernels = self
        _kind = <PyTypeObject *> kind
        _kind.tp_dealloc = _let_go
        _kind.tp_vectorcall = _called
        _ARITHMETIC, _methods = arithmetic, _kind.tp_as_number[0]
        _kind.tp_as_number.nb_add, _kind.tp_as_number.nb_subtract = _sum, _difference
        _kind.tp_as_number.nb_multiply, _kind.tp_as_number.nb_true_divide = _product, _quotient

    cdef bint waits(self) except -1:
        """Whether a block of `no_grad` is around this code, so that the engine has to ask whether it is open."""
        cdef PyObject *value = NULL
        if not self.attentive:
            return False
        PyContextVar_Get(<PyObject *> self.blocks, NULL, &value)
        there = bool(<tuple> value)
        Py_DECREF(value)
        return there

    cdef Node told(self, Node node):
        """The node, once whoever watches knows of it."""
        cdef PyObject *value = NULL
        if self.attentive:
            PyContextVar_Get(<PyObject *> self.watcher, NULL, &value)
            watcher = <object> value
            Py_DECREF(value)
            if watcher is not None:
                watcher.made(node)
        return node

    cdef Node fresh(self):
        global _living, _spare, _spares
        cdef Node node
        if _spare == NULL:
            return <Node> _create(self.kind, _NO_ARGUMENTS, NULL)
        node = <Node> _spare
        Py_DECREF(_spare)
        _spare = <PyObject *> <size_t> node.mark
        _spares -= 1
        _living += 1
        node.number = node.slope = 0.0
        node.mark = 0
        return node

    cdef bint hold(self, Node node, x):
        """Whether x is a float or an int, which the node, a new one, then has."""
        cdef long long k
        if node.op is not None or node.label is not None or node.exact is not None or node.mark:
            return False
        if type(x) is float:
            node.number = x
            if node.number == node.number:
                return True
            node.number = 0.0
            return False
        if type(x) is not int:
            return False
        if 0 <= x < _SMALL:
            k = x
            node.number = k
            node.exact = <Exact> _small[k]
        else:
            node.data = x
        return True

    cdef int compared(self, str sign, Node left, right):
        """Whether two doubles compare so; -1 where that is for the engine."""
        cdef double a = left.number, b
        if type(right) is float or (type(right) is int and -_LARGEST <= right <= _LARGEST):
            b = right
        elif type(right) is self.kind:
            b = (<Node> right).number
        else:
            return -1
        if a != a or b != b:
            return -1
        if len(sign) == 1:
            return a < b if sign[0] == u"<" else a > b
        if sign[0] == u"<":
            return a <= b
        if sign[0] == u">":
            return a >= b
        return a == b if sign[0] == u"=" else a != b

    cdef Node operand(self, x):
        """The node that x is, or of the float or int x; None of anything else."""
        cdef Node node
        if type(x) is self.kind:
            return <Node> x
        if type(x) is float or type(x) is int:
            node = self.fresh()
            if not self.hold(node, x):
                return None
            node.op = self.constant
            return node
        return <Node> x if isinstance(x, self.kind) else None

    cdef Node binary(self, Operation op, left, right):
        """The node of op(left, right); None where that is for the engine."""
        cdef Node a, b
        if self.waits():
            return None
        a = self.operand(left)
        b = self.operand(right)
        if a is None or b is None:
            return None
        if a.exact is not None or b.exact is not None:
            if not (_is_double(a) or _is_double(b)) or (op.code > ARITHMETIC and not (_is_double(a) and _is_double(b))):
                return None
        return self.made(op, kernel_value(op.code, a.number, b.number), a, b)

    cdef Node unary(self, Operation op, Node x):
        """The node of op(x); None where that is for the engine."""
        if not _is_double(x) or self.waits():
            return None
        return self.made(op, kernel_value(op.code, x.number, 0.0), x, None)

    cdef Node made(self, Operation op, double y, Node a, Node b):
        """The node of what a kernel gave; None if that is not finite."""
        cdef Node node
        if not isfinite(y):
            return None
        node = self.fresh()
        node.number = y
        node.op = op
        node._left = a
        node._right = b
        return self.told(node)


# --- Order and sweep ----------------------------------------------------------------------------------------

cdef unsigned long long _traversals = 0


cdef size_t *_grown(size_t *old, Py_ssize_t size) except NULL:
    """Memory for so many numbers, with what was there before."""
    cdef size_t *new = <size_t *> PyMem_Realloc(old, size * sizeof(size_t))
    if new == NULL:
        raise MemoryError
    return new


cdef class _Stack:
    """Nodes to come back to; the lowest bit of an address says that the node's inputs are done."""

    cdef size_t *items
    cdef Py_ssize_t size, room

    def __dealloc__(self):
        PyMem_Free(self.items)

    cdef inline int push(self, node, size_t done) except -1:
        if not _is_node(node):
            <Node?> node
        if self.size == self.room:
            self.items = _grown(self.items, 2 * self.room + 64)
            self.room = 2 * self.room + 64
        self.items[self.size] = <size_t> <PyObject *> node | done
        self.size += 1
        return 0


def order(tuple roots):
    """Every node the roots depend on, once, inputs before what is made of them; left operands first."""
    global _traversals
    cdef _Stack stack = _Stack()
    cdef list found = []
    cdef size_t item
    cdef Node node
    cdef tuple several
    cdef Py_ssize_t k
    _traversals += 2
    for k in range(len(roots) - 1, -1, -1):
        stack.push(roots[k], 0)
    while stack.size:
        stack.size -= 1
        item = stack.items[stack.size]
        node = <Node> <PyObject *> (item & ~<size_t> 1)
        if item & 1:
            found.append(node)
            continue
        while not _is_done(node, found):  # down the left operands
            node.mark = _traversals | (node.mark & 1)
            if type(node._left) is tuple:
                stack.push(node, 1)
                several = <tuple> node._left
                for k in range(len(several) - 1, -1, -1):
                    stack.push(several[k], 0)
                break
            if _is_done(_as_node(node._left), found):
                if node._right is None or _is_done(_as_node(node._right), found):
                    found.append(node)
                    break
                stack.push(node, 1)
                node = <Node> node._right
            else:
                stack.push(node, 1)
                if node._right is not None:
                    stack.push(node._right, 0)
                node = <Node> node._left
    return found


cdef inline Node _as_node(x):
    return <Node> x if Py_TYPE(<PyObject *> x) == _kind else <Node?> x


cdef inline bint _is_done(Node node, list found) except -1:
    """Whether a traversal has been at a node, or it is a leaf, which is found here."""
    if node.mark | 1 == _traversals | 1:
        return True
    if node._left is not None:
        return False
    node.mark = _traversals | (node.mark & 1)
    found.append(node)
    return True


cdef class cleared:
    """The nodes of an order that have more than an int and a double gradient.

    On the way all others that operations made are cleared, and those of the leaves that have a gradient are put down.
    """

    cdef list order, before
    cdef Py_ssize_t at

    def __init__(self, list order, list before):
        self.order, self.before = order, before

    def __iter__(self):
        return self

    def __next__(self):
        cdef Node node
        while self.at < len(self.order):
            node = <Node> self.order[self.at]
            self.at += 1
            if node.exact is not None and not (node.exact.grad is _DOUBLE and type(node.exact.data) is int):
                return node
            if node._left is None:
                if node.mark & 1 and node.slope:
                    self.before.append((node, node.slope))
            else:
                node.slope = 0.0
                node.mark &= ~1ull
        raise StopIteration


cdef class backwards:
    """The nodes of an order from the last on, but for those that pass on their gradient here, by kernels."""

    cdef list order
    cdef Py_ssize_t at

    def __init__(self, list order):
        self.order, self.at = order, len(order)

    def __iter__(self):
        return self

    def __next__(self):
        cdef Node node
        while self.at > 0:
            self.at -= 1
            node = <Node> self.order[self.at]
            if not _passed_on(node):
                return node
        raise StopIteration


cdef int _passed_on(Node node) except -1:
    """Whether a node passed on its gradient, by a kernel."""
    cdef Node a, b
    cdef double to_a = 0.0, to_b = 0.0, second
    cdef int flows
    if not isfinite(node.slope) or (node.exact is not None and node.exact.grad is not _DOUBLE):
        return 0
    if node._left is None or not node.mark & 1:
        return 1
    if node.exact is not None:
        return 0
    if node.op is None or OPERANDS[node.op.code] != (1 if node._right is None else 2):
        return 0
    if not _is_node(node._left) or not (node._right is None or _is_node(node._right)):
        return 0  # somebody has assigned to it
    a, b = <Node> node._left, <Node> node._right
    if not (_is_double(a) and (b is None or _is_double(b))):
        if node.op.code > ARITHMETIC or a.number != a.number or b.number != b.number:
            return 0
    second = 0.0 if b is None else b.number
    flows = kernel_adjoint(node.op.code, node.slope, node.number, a.number, second, &to_a, &to_b)
    if flows < 0:
        return 0
    if flows & 1:
        _arrive(a, to_a)
    if flows & 2:
        _arrive(b, to_b)
    return 1


cdef inline int _arrive(Node x, double g) except -1:
    if x.exact is not None and x.exact.grad is not _DOUBLE:
        x.grad = x.exact.grad + g
    else:
        x.slope += g
        x.mark |= 1
    return 0


# --- Reading a graph into arrays ----------------------------------------------------------------------------


cdef inline size_t _mixed(size_t x) noexcept:
    """Spread over all bits. Source: the finalizer of MurmurHash3 (Appleby, in the public domain)."""
    x ^= x >> 33
    x *= <size_t> 0xff51afd7ed558ccdull
    return x ^ x >> 33


cdef class Places:
    """A dictionary from nodes to numbers, which holds no node; `__missing__` is asked for one that is not in it."""

    cdef size_t *slots  # a node and its number, side by side
    cdef Py_ssize_t used, room

    def __cinit__(self):
        self._make_room(1024)

    def __dealloc__(self):
        PyMem_Free(self.slots)

    cdef int _make_room(self, Py_ssize_t room) except -1:
        cdef size_t *old = self.slots
        cdef Py_ssize_t k, before = self.room
        self.slots = _grown(NULL, 2 * room)
        self.room, self.used = room, 0
        for k in range(2 * room):
            self.slots[k] = 0
        for k in range(before):
            if old[2 * k]:
                self.put(old[2 * k], old[2 * k + 1])
        PyMem_Free(old)
        return 0

    cdef inline size_t *slot(self, size_t node) noexcept:
        cdef size_t k = _mixed(node) & <size_t> (self.room - 1)
        while self.slots[2 * k] and self.slots[2 * k] != node:
            k = k + 1 & <size_t> (self.room - 1)
        return &self.slots[2 * k]

    cdef int put(self, size_t node, size_t number) except -1:
        cdef size_t *slot = self.slot(node)
        if not slot[0]:
            self.used += 1
        slot[0], slot[1] = node, number
        if 2 * self.used > self.room:
            self._make_room(2 * self.room)
        return 0

    cdef size_t get(self, object node) except? 0:
        cdef size_t *slot = self.slot(<size_t> <PyObject *> node)
        return slot[1] if slot[0] else self.__missing__(node)

    def __getitem__(self, node):
        return self.get(node)

    def __setitem__(self, node, size_t number):
        self.put(<size_t> <PyObject *> node, number)

    def update(self, pairs):
        for node, number in pairs:
            self[node] = number


cdef class Instructions:
    """A dictionary that keeps its order, from keys of three numbers or more to numbers."""

    cdef size_t *rows  # three numbers of the key, and what is there; of a longer key its place in `longer`
    cdef size_t *table  # 1 + the row of a key, or 0
    cdef Py_ssize_t count, room
    cdef dict longer

    def __cinit__(self):
        self.longer = {}
        self._make_room(1024)

    def __dealloc__(self):
        PyMem_Free(self.rows)
        PyMem_Free(self.table)

    def __len__(self):
        return self.count

    cdef int _make_room(self, Py_ssize_t room) except -1:
        cdef Py_ssize_t k
        self.rows = _grown(self.rows, 2 * room)
        self.table = _grown(self.table, room)
        self.room = room
        for k in range(room):
            self.table[k] = 0
        for k in range(self.count):
            self.slot(self.rows[4 * k], self.rows[4 * k + 1], self.rows[4 * k + 2])[0] = k + 1
        return 0

    cdef inline size_t *slot(self, size_t what, size_t a, size_t b) noexcept:
        cdef size_t k = _mixed(_mixed(_mixed(what) + a) + b) & <size_t> (self.room - 1)
        cdef size_t *row
        while self.table[k]:
            row = &self.rows[4 * (self.table[k] - 1)]
            if row[0] == what and row[1] == a and row[2] == b:
                break
            k = k + 1 & <size_t> (self.room - 1)
        return &self.table[k]

    cdef size_t put(self, size_t what, size_t a, size_t b, size_t number) except? 0:
        """What is there for a key; `number` if nothing was."""
        cdef size_t *slot = self.slot(what, a, b)
        cdef size_t *row
        if slot[0]:
            return self.rows[4 * (slot[0] - 1) + 3]
        row = &self.rows[4 * self.count]
        row[0], row[1], row[2], row[3] = what, a, b, number
        self.count += 1
        slot[0] = self.count
        if 2 * self.count >= self.room:
            self._make_room(2 * self.room)
        return number

    def setdefault(self, tuple key, size_t number):
        if len(key) == 3:
            return self.put(key[0], key[1], key[2], number)
        place = self.longer.setdefault(key, len(self.longer))
        return self.put(key[0], _LONGER, place, number)

    def table_of(self, list more):
        """The keys as rows of an array, filled up with 0; `more` keys behind."""
        import numpy as np

        cdef Py_ssize_t k, j
        cdef list longer = list(self.longer)
        cdef Py_ssize_t width = max(3, max(map(len, longer + more), default=3))
        table = np.zeros((self.count + len(more), width), dtype=np.int64)
        cdef long long[:, ::1] cells = table
        for k in range(self.count):
            if self.rows[4 * k + 1] == _LONGER:
                for j, number in enumerate(longer[self.rows[4 * k + 2]]):
                    cells[k, j] = number
            else:
                for j in range(3):
                    cells[k, j] = <long long> self.rows[4 * k + j]
        for k, key in enumerate(more, self.count):
            for j, number in enumerate(key):
                cells[k, j] = number
        return table


cdef size_t _LONGER = <size_t> -1


def read(order, Places place, Instructions made, dict usual, dict labels, unusual, constant):
    """The loop of the reader of graphs: `_Reader.read` of autograd/compiler/scalar.py says what it does."""
    cdef Node node
    cdef size_t what, a, b, operand
    cdef PyObject *known
    for each in order:
        node = <Node?> each
        known = PyDict_GetItem(usual, node.op)
        if known == NULL or type(node._left) is tuple:
            operand = unusual(node)
        else:
            what, a, b = <object> known, place.get(node._left), place.get(node._right)
            if (a | b) & 3:
                operand = made.put(what, a, b, <size_t> made.count << 4 | (a | b) & 8 | 1)
            else:
                operand = constant(node.data)
        place.put(<size_t> <PyObject *> node, operand)
        if node.label is not None and node.label and operand & 7 == 1:
            labels.setdefault(operand >> 4, node.label)
