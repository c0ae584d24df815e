#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace thz::io {

/// Shape of a stored array, slowest axis first.
using Shape = std::vector<uint64_t>;

/// Rows of a virtual array that lie in another file under the same path: all of them there.
struct VirtualRows {
  std::string file;  ///< as stored: relative to the folder of the file with the virtual array
  uint64_t rows = 0;
};

/// One HDF5 file. Objects are named by absolute paths ("/thz/image"); groups in between are made as
/// needed. Element types: int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t,
/// float, double, std::complex<float> (compound {r, i}, which h5py reads as complex64), std::string
/// (UTF-8; whole arrays only; written with fixed length, read with either). Calls of all files are
/// serialised by one lock. Every failure, of the file or the system, is an InputError that names
/// the file and the object.
class Hdf5File {
 public:
  /// Makes or truncates a file on disk. A disk that fills up while the library writes leaves it in
  /// a broken state: `reserve` room first, or use `create_in_memory`. `name` is how messages call
  /// the file; the path when empty.
  static Hdf5File create(const std::filesystem::path& path, const std::string& name = "");
  /// Makes a file in memory; `image` gives its bytes.
  static Hdf5File create_in_memory(const std::string& name);
  /// Opens to read only.
  static Hdf5File open(const std::filesystem::path& path, const std::string& name = "");

  ~Hdf5File();
  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;

  const std::string& name() const;

  /// The whole file as bytes; of files made in memory.
  std::string image();

  /// Flushes and closes; a full disk is seen here at the latest. The destructor closes silently.
  void close();

  bool has(const std::string& path) const;
  bool has_attribute(const std::string& object, const std::string& key) const;
  /// Absolute paths of all data sets, sorted.
  std::vector<std::string> datasets() const;
  Shape shape(const std::string& path) const;
  /// Chunk shape; empty if contiguous.
  Shape chunk(const std::string& path) const;
  /// Element type in our words: "float32", "int16", "complex64", "text", ... or "other".
  std::string type_name(const std::string& path) const;

  /// Makes an array filled with zeros; `chunk_rows` rows of the first axis a chunk with fletcher32
  /// checksums, 0: contiguous without.
  template <typename T>
  void make(const std::string& path, const Shape& shape, uint64_t chunk_rows);
  /// Makes a float array whose rows lie in `sources`, one after the other, for programs that read
  /// HDF5 alone. Where one is missing, HDF5 gives them NaN without a word. Of a file that was
  /// opened such an array is refused: HDF5 does not survive a damaged list of its sources.
  void make_virtual(const std::string& path, const Shape& shape,
                    const std::vector<VirtualRows>& sources);
  /// Rows [first, first + count) of the first axis.
  template <typename T>
  void write_rows(const std::string& path, uint64_t first, uint64_t count, const T* values);
  template <typename T>
  void read_rows(const std::string& path, uint64_t first, uint64_t count, T* values) const;

  /// Makes and writes a whole array.
  template <typename T>
  void write(const std::string& path, const Shape& shape, const std::vector<T>& values,
             uint64_t chunk_rows = 0);
  template <typename T>
  std::vector<T> read(const std::string& path) const;

  /// Attributes; `object` is a path, "/" for the root.
  void set_text(const std::string& object, const std::string& key, const std::string& value);
  void set_texts(const std::string& object, const std::string& key,
                 const std::vector<std::string>& values);
  void set_unsigned(const std::string& object, const std::string& key, uint64_t value);
  void set_number(const std::string& object, const std::string& key, double value);
  std::string text(const std::string& object, const std::string& key) const;
  std::vector<std::string> texts(const std::string& object, const std::string& key) const;
  uint64_t unsigned_number(const std::string& object, const std::string& key) const;
  double number(const std::string& object, const std::string& key) const;
  /// Names of all attributes of an object, sorted.
  std::vector<std::string> attributes(const std::string& object) const;

 private:
  struct State;
  explicit Hdf5File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

template <>
void Hdf5File::write<std::string>(const std::string& path, const Shape& shape,
                                  const std::vector<std::string>& values, uint64_t chunk_rows);
template <>
std::vector<std::string> Hdf5File::read<std::string>(const std::string& path) const;

/// Writes a file made in memory to `path`, whole or not at all.
void write_hdf5(const std::filesystem::path& path, Hdf5File& file);

/// True if the file starts with HDF5's signature; false also when it cannot be read.
bool is_hdf5(const std::filesystem::path& path);

}  // namespace thz::io
