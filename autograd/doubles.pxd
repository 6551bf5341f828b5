cimport cython


cdef class Operation:
    cdef public int code


cdef class Exact:
    cdef object data, grad


@cython.no_gc  # a node holds only what is older than itself
cdef class Node:
    cdef double number, slope
    cdef Exact exact
    cdef public Operation op
    cdef public object _left, _right, label
    cdef unsigned long long mark


@cython.final
cdef class Kernels:
    cdef type kind
    cdef Operation constant
    cdef object blocks, watcher
    cdef public int attentive
    cdef bint hold(self, Node node, data)
    cdef int compared(self, str sign, Node left, right)
    cdef bint waits(self) except -1
    cdef Node told(self, Node node)
    cdef Node fresh(self)
    cdef Node binary(self, Operation op, left, right)
    cdef Node unary(self, Operation op, Node x)
    cdef Node made(self, Operation op, double y, Node a, Node b)
    cdef Node operand(self, x)
