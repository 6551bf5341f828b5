/* Written by `make kernels` from the table of operations; do not edit. */
#include <math.h>

static const char *const KERNELS[] = {
  0,
  "add",
  "sub",
  "mul",
  "div",
  "neg",
  "exp",
  "expm1",
  "exp2",
  "log",
  "log1p",
  "log2",
  "log10",
  "sqrt",
  "cbrt",
  "square",
  "reciprocal",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "sinh",
  "cosh",
  "tanh",
  "sech2",
  "acosh",
  "atanh",
  "unit",
  "abs",
  "copysign",
  "maximum",
  "minimum",
  "mod",
  "fmod",
  "floor_divide",
  "identity",
  "sigmoid",
  "log_sigmoid",
  "softplus",
  "softsign",
  "relu",
  "silu",
  "pow",
  "power(2)",
  "power(3)",
  "power(4)",
  "power(-1)",
  "power(-2)",
  "power(0.5)",
  "power(1.5)",
  "power(-0.5)",
  "power(2.0)",
  "power(3.0)",
  "leaky_relu(0.01)",
  0
};
static const int OPERANDS[] = {0, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
enum { ARITHMETIC = 4 };

static inline double floor_divide_(double a, double b) { double r = fmod(a, b), q = (a - r) / b;
    if (b == 0) return a / b;
    if (r != 0 && (r < 0) != (b < 0)) q -= 1;
    if (q == 0) return copysign(0, a / b);
    return q - floor(q) > 0.5 ? floor(q) + 1 : floor(q); }

static inline double maximum_(double a, double b) { return a > b || a != a ? a : b; }

static inline double minimum_(double a, double b) { return a < b || a != a ? a : b; }

static inline double mod_(double a, double b) { double r = fmod(a, b); return r != 0 && (r < 0) != (b < 0) ? r + b : r != 0 ? r : copysign(0, b); }

static inline double sign_(double a) { return a != a ? a : (a > 0) - (a < 0); }

/* The value of an operation. */
static double kernel_value(int code, double a, double b)
{
  (void)b;
  switch (code) {
  case 1: { /* add */
    return (a + b);
  }
  case 2: { /* sub */
    return (a - b);
  }
  case 3: { /* mul */
    return (a * b);
  }
  case 4: { /* div */
    return (a / b);
  }
  case 5: { /* neg */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return (-a);
  }
  case 6: { /* exp */
    if (!(a >= -745.0 && a <= 709.0)) break;
    return exp(a);
  }
  case 7: { /* expm1 */
    if (!(a >= -745.0 && a <= 709.0)) break;
    return expm1(a);
  }
  case 8: { /* exp2 */
    if (!(a >= -1000.0 && a <= 1000.0)) break;
    return exp2(a);
  }
  case 9: { /* log */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    return log(a);
  }
  case 10: { /* log1p */
    if (!(a >= -0.999999 && a <= 1e+300)) break;
    return log1p(a);
  }
  case 11: { /* log2 */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    return log2(a);
  }
  case 12: { /* log10 */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    return log10(a);
  }
  case 13: { /* sqrt */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    return sqrt(a);
  }
  case 14: { /* cbrt */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return cbrt(a);
  }
  case 15: { /* square */
    if (!(a >= -1e+150 && a <= 1e+150)) break;
    return (a * a);
  }
  case 16: { /* reciprocal */
    if (!(a >= 1e-150 && a <= 1e+150)) break;
    return (1.0 / a);
  }
  case 17: { /* sin */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    return sin(a);
  }
  case 18: { /* cos */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    return cos(a);
  }
  case 19: { /* tan */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    return tan(a);
  }
  case 20: { /* asin */
    if (!(a >= -1.0 && a <= 1.0)) break;
    return asin(a);
  }
  case 21: { /* acos */
    if (!(a >= -1.0 && a <= 1.0)) break;
    return acos(a);
  }
  case 22: { /* sinh */
    if (!(a >= -710.0 && a <= 710.0)) break;
    return sinh(a);
  }
  case 23: { /* cosh */
    if (!(a >= -710.0 && a <= 710.0)) break;
    return cosh(a);
  }
  case 24: { /* tanh */
    if (!(a >= -350.0 && a <= 350.0)) break;
    return tanh(a);
  }
  case 25: { /* sech2 */
    if (!(a >= -350.0 && a <= 350.0)) break;
    double s0 = exp(((-2.0) * fabs(a)));
    return ((4.0 * s0) / ((1.0 + s0) * (1.0 + s0)));
  }
  case 26: { /* acosh */
    if (!(a >= 1.0 && a <= 1e+150)) break;
    return acosh(a);
  }
  case 27: { /* atanh */
    if (!(a >= -1.0 && a <= 1.0)) break;
    return atanh(a);
  }
  case 28: { /* unit */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    return ((maximum_(fabs(a), fabs(b)) > 1e+308) ? 0.5 : ((maximum_(fabs(a), fabs(b)) < 1e-150) ? 4.149515568880993e+180 : 1.0));
  }
  case 29: { /* abs */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return fabs(a);
  }
  case 30: { /* copysign */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    return copysign(a, (b + 0.0));
  }
  case 31: { /* maximum */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    return maximum_(a, b);
  }
  case 32: { /* minimum */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    return minimum_(a, b);
  }
  case 33: { /* mod */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    return mod_(a, b);
  }
  case 34: { /* fmod */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    return fmod(a, b);
  }
  case 35: { /* floor_divide */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    return floor_divide_(a, b);
  }
  case 36: { /* identity */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return a;
  }
  case 37: { /* sigmoid */
    if (!(a >= -700.0 && a <= 700.0)) break;
    return (1.0 / (1.0 + exp((-a))));
  }
  case 38: { /* log_sigmoid */
    if (!(a >= -700.0 && a <= 700.0)) break;
    return (minimum_(a, 0.0) - log1p(exp((-fabs(a)))));
  }
  case 39: { /* softplus */
    if (!(a >= -700.0 && a <= 700.0)) break;
    return (maximum_(a, 0.0) + log1p(exp((-fabs(a)))));
  }
  case 40: { /* softsign */
    if (!(a >= -1e+100 && a <= 1e+100)) break;
    return (a / (1.0 + fabs(a)));
  }
  case 41: { /* relu */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return maximum_(a, 0.0);
  }
  case 42: { /* silu */
    if (!(a >= -700.0 && a <= 700.0)) break;
    return (a / (1.0 + exp((-a))));
  }
  case 43: { /* pow */
    if (!(a >= 0.0001 && a <= 10000.0 && b >= -10.0 && b <= 10.0)) break;
    return pow(a, b);
  }
  case 44: { /* power(2) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return (a * a);
  }
  case 45: { /* power(3) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return ((a * a) * a);
  }
  case 46: { /* power(4) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return pow(a, 4.0);
  }
  case 47: { /* power(-1) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return pow(a, (-1.0));
  }
  case 48: { /* power(-2) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return pow(a, (-2.0));
  }
  case 49: { /* power(0.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    return sqrt(a);
  }
  case 50: { /* power(1.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    return pow(a, 1.5);
  }
  case 51: { /* power(-0.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    return pow(a, (-0.5));
  }
  case 52: { /* power(2.0) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return (a * a);
  }
  case 53: { /* power(3.0) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    return ((a * a) * a);
  }
  case 54: { /* leaky_relu(0.01) */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    return ((a > 0.0) ? a : (0.01 * a));
  }
  }
  return NAN;
}

/* What it passes back; 1 if something flows to a, plus 2 if to b; -1 where it cannot say. */
static int kernel_adjoint(int code, double g, double y, double a, double b, double *to_a, double *to_b)
{
  (void)y; (void)a; (void)b; (void)to_b;
  switch (code) {
  case 1: { /* add */
    *to_a = g;
    *to_b = g;
    return 1 + 2;
  }
  case 2: { /* sub */
    *to_a = g;
    *to_b = (-g);
    return 1 + 2;
  }
  case 3: { /* mul */
    *to_a = (g * b);
    *to_b = (g * a);
    return 1 + 2;
  }
  case 4: { /* div */
    *to_a = (g / b);
    *to_b = (((-g) * y) / b);
    return 1 + 2;
  }
  case 5: { /* neg */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = (-g);
    return 1;
  }
  case 6: { /* exp */
    if (!(a >= -745.0 && a <= 709.0)) break;
    *to_a = (g * y);
    return 1;
  }
  case 7: { /* expm1 */
    if (!(a >= -745.0 && a <= 709.0)) break;
    *to_a = (g * exp(a));
    return 1;
  }
  case 8: { /* exp2 */
    if (!(a >= -1000.0 && a <= 1000.0)) break;
    *to_a = (g * (y * 0.6931471805599453));
    return 1;
  }
  case 9: { /* log */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    *to_a = (g / a);
    return 1;
  }
  case 10: { /* log1p */
    if (!(a >= -0.999999 && a <= 1e+300)) break;
    *to_a = (g / (1.0 + a));
    return 1;
  }
  case 11: { /* log2 */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    *to_a = ((g / 0.6931471805599453) / a);
    return 1;
  }
  case 12: { /* log10 */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    *to_a = ((g / 2.302585092994046) / a);
    return 1;
  }
  case 13: { /* sqrt */
    if (!(a >= 1e-300 && a <= 1e+300)) break;
    *to_a = (g / (2.0 * y));
    return 1;
  }
  case 14: { /* cbrt */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = ((g * (y / a)) / 3.0);
    return 1;
  }
  case 15: { /* square */
    if (!(a >= -1e+150 && a <= 1e+150)) break;
    *to_a = ((2.0 * g) * a);
    return 1;
  }
  case 16: { /* reciprocal */
    if (!(a >= 1e-150 && a <= 1e+150)) break;
    *to_a = (((-g) * y) * y);
    return 1;
  }
  case 17: { /* sin */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    *to_a = (g * cos(a));
    return 1;
  }
  case 18: { /* cos */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    *to_a = ((-g) * sin(a));
    return 1;
  }
  case 19: { /* tan */
    if (!(a >= -10000.0 && a <= 10000.0)) break;
    *to_a = (g * (1.0 + (y * y)));
    return 1;
  }
  case 20: { /* asin */
    if (!(a >= -1.0 && a <= 1.0)) break;
    *to_a = (g / sqrt(((1.0 - a) * (1.0 + a))));
    return 1;
  }
  case 21: { /* acos */
    if (!(a >= -1.0 && a <= 1.0)) break;
    *to_a = ((-g) / sqrt(((1.0 - a) * (1.0 + a))));
    return 1;
  }
  case 22: { /* sinh */
    if (!(a >= -710.0 && a <= 710.0)) break;
    *to_a = (g * cosh(a));
    return 1;
  }
  case 23: { /* cosh */
    if (!(a >= -710.0 && a <= 710.0)) break;
    *to_a = (g * sinh(a));
    return 1;
  }
  case 24: { /* tanh */
    if (!(a >= -350.0 && a <= 350.0)) break;
    double s1 = exp(((-2.0) * fabs(a)));
    double s2 = 1.0 + s1;
    *to_a = (g * ((4.0 * s1) / (s2 * s2)));
    return 1;
  }
  case 25: { /* sech2 */
    if (!(a >= -350.0 && a <= 350.0)) break;
    *to_a = ((((-2.0) * g) * y) * tanh(a));
    return 1;
  }
  case 26: { /* acosh */
    if (!(a >= 1.0 && a <= 1e+150)) break;
    *to_a = ((g / sqrt((a - 1.0))) / sqrt((a + 1.0)));
    return 1;
  }
  case 27: { /* atanh */
    if (!(a >= -1.0 && a <= 1.0)) break;
    *to_a = (g / ((1.0 - a) * (1.0 + a)));
    return 1;
  }
  case 28: { /* unit */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    return 0;
  }
  case 29: { /* abs */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = (sign_(a) * g);
    return 1;
  }
  case 30: { /* copysign */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    *to_a = (g * (sign_(a) * copysign(1.0, (b + 0.0))));
    return 1;
  }
  case 31: { /* maximum */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    *to_a = (((a > b) + (0.5 * (a == b))) * g);
    *to_b = (((b > a) + (0.5 * (b == a))) * g);
    return 1 * (0 != (1.0 - (a < b))) + 2 * (0 != (1.0 - (b < a)));
  }
  case 32: { /* minimum */
    if (!(a >= -1e+300 && a <= 1e+300 && b >= -1e+300 && b <= 1e+300)) break;
    *to_a = (((b > a) + (0.5 * (b == a))) * g);
    *to_b = (((a > b) + (0.5 * (a == b))) * g);
    return 1 * (0 != (1.0 - (b < a))) + 2 * (0 != (1.0 - (a < b)));
  }
  case 33: { /* mod */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    *to_a = g;
    *to_b = ((-g) * floor_divide_(a, b));
    return 1 + 2;
  }
  case 34: { /* fmod */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    *to_a = g;
    *to_b = ((-g) * rint(((a - y) / b)));
    return 1 + 2;
  }
  case 35: { /* floor_divide */
    if (!(a >= -1000.0 && a <= 1000.0 && b >= 0.01 && b <= 1000.0)) break;
    return 0;
  }
  case 36: { /* identity */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = g;
    return 1;
  }
  case 37: { /* sigmoid */
    if (!(a >= -700.0 && a <= 700.0)) break;
    double s3 = -a;
    *to_a = ((g * (1.0 / (1.0 + exp(s3)))) * (1.0 / (1.0 + exp((-s3)))));
    return 1;
  }
  case 38: { /* log_sigmoid */
    if (!(a >= -700.0 && a <= 700.0)) break;
    *to_a = (g * (1.0 / (1.0 + exp((-(-a))))));
    return 1;
  }
  case 39: { /* softplus */
    if (!(a >= -700.0 && a <= 700.0)) break;
    *to_a = (g * (1.0 / (1.0 + exp((-a)))));
    return 1;
  }
  case 40: { /* softsign */
    if (!(a >= -1e+100 && a <= 1e+100)) break;
    double s4 = 1.0 + fabs(a);
    *to_a = ((g / s4) / s4);
    return 1;
  }
  case 41: { /* relu */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = ((a > 0.0) * g);
    return 1 * (0 != (1.0 - (a < 0.0)));
  }
  case 42: { /* silu */
    if (!(a >= -700.0 && a <= 700.0)) break;
    double s5 = -a;
    *to_a = ((g * (1.0 / (1.0 + exp(s5)))) * (1.0 + (a * (1.0 / (1.0 + exp((-s5)))))));
    return 1;
  }
  case 43: { /* pow */
    if (!(a >= 0.0001 && a <= 10000.0 && b >= -10.0 && b <= 10.0)) break;
    double s6 = b + 0.0;
    double s7 = fabs(b);
    *to_a = (g * ((a == 0.0) ? ((b > 1.0) ? 0.0 : ((b == 1.0) ? (1.0 ? s6 : NAN) : (((0.0 + fabs(s6)) == 0.0) ? 0.0 : NAN))) : ((((a < 0.0) * 0.0) != 0.0) ? NAN : (((s7 < 1.0) + (s7 > 9007199254740992.0)) ? ((s6 * pow(a, b)) / a) : (s6 * pow(a, ((s6 == 0.0) ? 0.0 : (b - 1.0))))))));
    double s8 = fabs(1.0);
    double s9 = fabs(b);
    double s10 = log(((a > 0.0) ? a : 1.0));
    *to_b = (g * ((a == 0.0) ? ((b > 0.0) ? 0.0 : ((b == 0.0) ? 0.0 : (((s8 + fabs(0.0)) == 0.0) ? 0.0 : NAN))) : ((((a < 0.0) * s8) != 0.0) ? NAN : (((s9 < 1.0) + (s9 > 9007199254740992.0)) ? (s10 * pow(a, b)) : (s10 * pow(a, ((s10 == 0.0) ? 0.0 : (b - 0.0))))))));
    return 1 + 2;
  }
  case 44: { /* power(2) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * (2.0 * a));
    return 1;
  }
  case 45: { /* power(3) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * (3.0 * (a * a)));
    return 1;
  }
  case 46: { /* power(4) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * (4.0 * ((a * a) * a)));
    return 1;
  }
  case 47: { /* power(-1) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * ((-1.0) * pow(a, (-2.0))));
    return 1;
  }
  case 48: { /* power(-2) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * ((-2.0) * pow(a, (-3.0))));
    return 1;
  }
  case 49: { /* power(0.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    *to_a = (g * ((0.5 * y) / a));
    return 1;
  }
  case 50: { /* power(1.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    *to_a = (g * (1.5 * sqrt(a)));
    return 1;
  }
  case 51: { /* power(-0.5) */
    if (!(a >= 1e-10 && a <= 10000000000.0)) break;
    *to_a = (g * (((-0.5) * y) / a));
    return 1;
  }
  case 52: { /* power(2.0) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * (2.0 * a));
    return 1;
  }
  case 53: { /* power(3.0) */
    if (!(a >= -10000000000.0 && a <= 10000000000.0)) break;
    *to_a = (g * (3.0 * (a * a)));
    return 1;
  }
  case 54: { /* leaky_relu(0.01) */
    if (!(a >= -1e+300 && a <= 1e+300)) break;
    *to_a = (((a != 0.0) ? (((a > 0.0) != 0.0) ? 1.0 : 0.01) : 0.01) * g);
    return 1;
  }
  }
  return -1;
}
