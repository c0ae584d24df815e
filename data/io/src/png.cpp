#include "thz/io/png.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <memory>

#include "thz/core/error.h"
#include "thz/io/atomic_file.h"

namespace thz::io {

namespace fs = std::filesystem;

namespace {

constexpr png_uint_32 kMostPixelsASide = 16384;
constexpr std::size_t kSignatureBytes = 8;

/// What the C callbacks share with us. libpng leaves by longjmp, so nothing with a destructor may
/// be created between setjmp and the calls: all of it lives here, outside.
struct Session {
  std::string message;
  std::string bytes;  // written, or to be read
  std::size_t read = 0;
  int width = 0;
  int height = 0;
  int channels = 1;
  int bits = 8;
  std::vector<uint8_t> pixels;
  std::vector<png_bytep> row_pointers;
};

void on_error(png_structp png, png_const_charp message) {
  auto* session = static_cast<Session*>(png_get_error_ptr(png));
  session->message = message;
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_write(png_structp png, png_bytep data, png_size_t count) {
  static_cast<Session*>(png_get_io_ptr(png))
      ->bytes.append(reinterpret_cast<const char*>(data), count);
}

void on_flush(png_structp) {}

void on_read(png_structp png, png_bytep data, png_size_t count) {
  auto* session = static_cast<Session*>(png_get_io_ptr(png));
  if (count > session->bytes.size() - session->read) png_error(png, "the file ends too early");
  std::copy_n(session->bytes.data() + session->read, count, reinterpret_cast<char*>(data));
  session->read += count;
}

void set_row_pointers(Session& session, std::size_t row_bytes) {
  session.row_pointers.resize(static_cast<std::size_t>(session.height));
  for (std::size_t r = 0; r < session.row_pointers.size(); ++r) {
    session.row_pointers[r] = session.pixels.data() + r * row_bytes;
  }
}

/// False with session.message set if libpng gives up.
bool encode(Session& session) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &session, on_write, on_flush);
  png_set_IHDR(png, info, static_cast<png_uint_32>(session.width),
               static_cast<png_uint_32>(session.height), 8,
               session.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_write_image(png, session.row_pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return true;
}

/// Header and transformations: palette and low depths to 8 bits, 16 bits kept, alpha dropped.
void prepare_reading(png_structp png, png_infop info, Session& session) {
  png_set_read_fn(png, &session, on_read);
  png_set_user_limits(png, kMostPixelsASide, kMostPixelsASide);
  png_read_info(png, info);
  const int colour = png_get_color_type(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) < 8) {
    png_set_expand_gray_1_2_4_to_8(png);
  }
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  session.width = static_cast<int>(png_get_image_width(png, info));
  session.height = static_cast<int>(png_get_image_height(png, info));
  session.channels = png_get_channels(png, info);
  session.bits = png_get_bit_depth(png, info);
}

bool decode(Session& session) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  prepare_reading(png, info, session);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  session.pixels.resize(row_bytes * static_cast<std::size_t>(session.height));
  set_row_pointers(session, row_bytes);
  png_read_image(png, session.row_pointers.data());
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

std::string encode_pixels(int rows, int cols, int channels, std::vector<uint8_t> pixels) {
  THZ_REQUIRE(rows > 0 && cols > 0, "a picture needs at least one pixel");
  Session session;
  session.width = cols;
  session.height = rows;
  session.channels = channels;
  session.pixels = std::move(pixels);
  set_row_pointers(session, static_cast<std::size_t>(cols) * static_cast<std::size_t>(channels));
  const bool ok = encode(session);
  THZ_REQUIRE(ok, "libpng could not encode a picture: " + session.message);
  return std::move(session.bytes);
}

Session read_session(const fs::path& path) {
  Session session;
  session.bytes = read_file(path);
  if (session.bytes.size() < kSignatureBytes ||
      png_sig_cmp(reinterpret_cast<png_const_bytep>(session.bytes.data()), 0, kSignatureBytes) !=
          0) {
    throw_input("{}: not a PNG file", path.string());
  }
  if (!decode(session)) {
    throw_input("{}: a damaged PNG file: {}", path.string(), session.message);
  }
  return session;
}

/// Channel value of [0, 1]; 16-bit samples are big endian in memory.
float sample(const Session& s, int row, int col, int channel) {
  const std::size_t i = (static_cast<std::size_t>(row) * static_cast<std::size_t>(s.width) +
                         static_cast<std::size_t>(col)) *
                            static_cast<std::size_t>(s.channels) +
                        static_cast<std::size_t>(std::min(channel, s.channels - 1));
  if (s.bits == 8) return static_cast<float>(s.pixels[i]) / 255.0F;
  return static_cast<float>(256 * s.pixels[2 * i] + s.pixels[2 * i + 1]) / 65535.0F;
}

uint8_t to_byte(float value) {
  if (!(value > 0.0F)) return 0;  // also NaN
  return static_cast<uint8_t>(std::lround(std::min(value, 1.0F) * 255.0F));
}

}  // namespace

std::string encode_png(const ImageF& grey) {
  std::vector<uint8_t> pixels;
  for (const float value : grey.data) pixels.push_back(to_byte(value));
  return encode_pixels(grey.rows, grey.cols, 1, std::move(pixels));
}

std::string encode_png(const ImageRgb& colour) {
  std::vector<uint8_t> pixels;
  for (const auto& rgb : colour.data) pixels.insert(pixels.end(), rgb.begin(), rgb.end());
  return encode_pixels(colour.rows, colour.cols, 3, std::move(pixels));
}

void write_png(const fs::path& path, const ImageF& grey) { write_file(path, encode_png(grey)); }
void write_png(const fs::path& path, const ImageRgb& colour) {
  write_file(path, encode_png(colour));
}

ImageF read_png(const fs::path& path) { return read_png_picture(path).grey; }

PngPicture read_png_picture(const fs::path& path) {
  const Session s = read_session(path);
  PngPicture picture;
  picture.bits = s.bits;
  picture.grey = ImageF(s.height, s.width);
  for (int r = 0; r < s.height; ++r) {
    for (int c = 0; c < s.width; ++c) {
      const float red = sample(s, r, c, 0);
      const float green = sample(s, r, c, 1);
      const float blue = sample(s, r, c, 2);
      const bool grey = s.channels < 3 || (red == green && green == blue);
      picture.coloured = picture.coloured || !grey;
      // ITU-R BT.601-7, 2.5.1.
      picture.grey(r, c) = grey ? red : 0.299F * red + 0.587F * green + 0.114F * blue;
    }
  }
  return picture;
}

ImageRgb read_png_rgb(const fs::path& path) {
  const Session s = read_session(path);
  ImageRgb image(s.height, s.width);
  for (int r = 0; r < s.height; ++r) {
    for (int c = 0; c < s.width; ++c) {
      const int step = s.channels < 3 ? 0 : 1;
      image(r, c) = {to_byte(sample(s, r, c, 0)), to_byte(sample(s, r, c, step)),
                     to_byte(sample(s, r, c, 2 * step))};
    }
  }
  return image;
}

}  // namespace thz::io
